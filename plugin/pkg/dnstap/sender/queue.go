package sender

import (
	"encoding/binary"
	"sync"

	"example.org/pdns/plugin/pkg/dnstap"
)

// A queue is frames that wait, each behind its length, as they go out.
type queue struct {
	limit int
	ready chan struct{} // tells that there is something to take

	mu      sync.Mutex
	waiting []byte
	taken   []byte // what is being written, or was
	gone    int    // octets of taken that are
}

func newQueue(limit int) *queue { return &queue{limit: limit, ready: make(chan struct{}, 1)} }

// prefix is the length of a length.
const prefix = 4

// overhead is more than an event takes beside its response and identity.
const overhead = 64

// add adds the frame of an event, and reports false if there is no room.
func (q *queue) add(e *dnstap.Event) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting)+len(q.taken)-q.gone+len(e.Response)+len(e.Identity)+overhead > q.limit {
		return false
	}
	from := len(q.waiting)
	q.waiting = dnstap.Append(append(q.waiting, make([]byte, prefix)...), e)
	binary.BigEndian.PutUint32(q.waiting[from:], uint32(len(q.waiting)-from-prefix))
	select {
	case q.ready <- struct{}{}:
	default:
	}
	return true
}

// maxWrite is how much is written at once.
const maxWrite = 256 << 10

// take returns whole frames to be written: those that were not, or others. They
// are valid until written is called.
func (q *queue) take() []byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.gone == len(q.taken) {
		q.waiting, q.taken, q.gone = q.taken[:0], q.waiting, 0
	}
	rest := q.taken[q.gone:]
	n := 0
	for n < len(rest) && n < maxWrite {
		n += frameSize(rest[n:])
	}
	return rest[:n]
}

func frameSize(b []byte) int { return prefix + int(binary.BigEndian.Uint32(b)) }

// written forgets the frames of which the last octet is among the first n, and
// returns how many these were. Others are sent again.
func (q *queue) written(n int) (frames uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for n > 0 {
		size := frameSize(q.taken[q.gone:])
		if size > n {
			break
		}
		q.gone += size
		n -= size
		frames++
	}
	return frames
}

// left is how many frames wait.
func (q *queue) left() (frames uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, b := range [][]byte{q.taken[q.gone:], q.waiting} {
		for ; len(b) > 0; b = b[frameSize(b):] {
			frames++
		}
	}
	return frames
}
