module brisa-platform/sandbox/pods

go 1.26.0

// Small programs of our own in place of those that upstream downloads as binaries. They need no
// library.
