package expr

// Takes the place of the file `expr/queue.go` of github.com/google/nftables: the same rule for the
// kernel, put as the target NFQUEUE of x_tables, which nftables takes too. Kernels without a queue
// of nftables' own have that one, and those with one have both.

import (
	"encoding/binary"
	"errors"

	"github.com/google/nftables/xt"
)

// QueueFlag says what happens to packets that nobody takes from the queue.
type QueueFlag uint16

// QueueFlagBypass lets them pass; without it they are dropped.
const QueueFlagBypass QueueFlag = 1

const (
	target   = "NFQUEUE"
	revision = 3
)

// Queue hands packets to a program, which decides about each.
type Queue struct {
	Num   uint16
	Total uint16
	Flag  QueueFlag
}

func (e *Queue) marshal(family byte) ([]byte, error) {
	return e.target().marshal(family)
}

func (e *Queue) marshalData(family byte) ([]byte, error) {
	return e.target().marshalData(family)
}

func (e *Queue) unmarshal(byte, []byte) error {
	return errors.New("rules with a queue are written, never read")
}

func (e *Queue) target() *Target {
	// struct xt_NFQ_info_v3, filled up to a multiple of eight bytes.
	info := xt.Unknown(make([]byte, 8))
	binary.NativeEndian.PutUint16(info[0:], e.Num)
	binary.NativeEndian.PutUint16(info[2:], max(e.Total, 1))
	binary.NativeEndian.PutUint16(info[4:], uint16(e.Flag))
	return &Target{Name: target, Rev: revision, Info: &info}
}
