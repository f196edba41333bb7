/* nsexec [-l] [-n|-p|-m|-i FILE]... -- PROGRAM [ARGUMENT]...
 *
 * Runs the program in the namespaces that the files stand for, and ends with it, and it with this
 * process. With -l the program is that of the mount namespace it is called in, even where -m enters
 * another; it must be linked statically then, or find its libraries there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { USAGE = 2, NOT_FOUND = 127, SIGNALLED = 128, MOST = 4 };

static pid_t child;

static void forward(int number) {
    if (child > 0) kill(child, number);
}

static void fail(int code, const char *what) {
    fprintf(stderr, "nsexec: %s: %s\n", what, strerror(errno));
    exit(code);
}

static void usage(void) {
    fputs("usage: nsexec [-l] [-n|-p|-m|-i FILE]... -- PROGRAM [ARGUMENT]...\n", stderr);
    exit(USAGE);
}

/* The descriptor of a program, looked for on PATH as a shell would. */
static int open_program(const char *name) {
    if (strchr(name, '/')) return open(name, O_RDONLY | O_CLOEXEC);
    char *folders = strdup(getenv("PATH") ? getenv("PATH") : ""), *rest = folders;
    for (char *folder; (folder = strsep(&rest, ":"));) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, name);
        if (access(path, X_OK) == 0) return open(path, O_RDONLY | O_CLOEXEC);
    }
    errno = ENOENT;
    return -1;
}

__attribute__((constructor)) static void nsexec(int argc, char **argv, char **environment) {
    int option, count = 0, local = 0, program = -1, files[MOST];
    const char *names[MOST];
    while ((option = getopt(argc, argv, "+ln:p:m:i:")) != -1) {
        if (option == '?' || (option != 'l' && count == MOST)) usage();
        if (option == 'l') { local = 1; continue; }
        names[count] = optarg;
        if ((files[count++] = open(optarg, O_RDONLY | O_CLOEXEC)) < 0) fail(1, optarg);
    }
    char **command = argv + optind;
    if (!*command) usage();
    if (local && (program = open_program(*command)) < 0) fail(NOT_FOUND, *command);
    for (int i = 0; i < count; i++)
        if (setns(files[i], 0)) fail(1, names[i]);
    sigset_t ends; /* held back until there is a child to be told */
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    if ((child = fork()) < 0) fail(1, "fork");
    if (child == 0) {
        sigprocmask(SIG_UNBLOCK, &ends, NULL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (local) fexecve(program, command, environment);
        else execvp(*command, command);
        fail(NOT_FOUND, *command);
    }
    signal(SIGTERM, forward);
    signal(SIGINT, forward);
    sigprocmask(SIG_UNBLOCK, &ends, NULL);
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) fail(1, "wait");
    exit(WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALLED + WTERMSIG(status));
}
