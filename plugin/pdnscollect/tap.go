package pdnscollect

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.org/pdns/plugin/pkg/dnstap"
	"example.org/pdns/plugin/pkg/dnstap/listen"
	"example.org/pdns/plugin/pkg/intake"
	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A tap takes the dnstap that comes in at one listener, as one server block says:
// a listen.Receiver.
type tap struct {
	label      string
	recorder   *recorder
	sensors    *sensors // nil if they are not to be told apart
	complaints complaints
	sinks      sync.Pool
	useful     atomic.Bool // something has been recorded
	roomTime   time.Duration
	hurried    atomic.Pointer[time.Time] // until when nothing waits for room

	frames       prometheus.Counter
	ended        [listen.Ends]prometheus.Counter
	socketErrors prometheus.Counter
}

func newTap(label string, s *store.Store, o *observation.Observer, types dnstap.Types, sensor bool) *tap {
	t := &tap{
		label:        label,
		recorder:     newRecorder(s, label),
		complaints:   complaints{about: "dnstap " + label},
		roomTime:     roomTime,
		frames:       dnstapFrames.WithLabelValues(label),
		socketErrors: dnstapSocketErrors.WithLabelValues(label),
	}
	for why := range listen.Ends {
		t.ended[why] = dnstapEnded.WithLabelValues(label, why.String())
	}
	if sensor {
		t.sensors = newSensors(t.complaints.about)
	}
	t.sinks.New = func() any { return newBatchSink(t, o, types) }
	return t
}

// Take implements listen.Receiver.
func (t *tap) Take(b *intake.Batch) {
	s := t.sinks.Get().(*batchSink)
	t.frames.Add(float64(b.Len()))
	s.taker.Take(b, s)
	s.settle()
	t.sinks.Put(s)
}

// Oversized implements listen.Receiver.
func (t *tap) Oversized(n uint64) {
	t.frames.Add(float64(n))
	t.dropped(reason(observation.OversizedFrame), n)
}

// troubles are the reasons that say that something is wrong with a sender, or
// with the store: the log tells of them, too.
var troubles = map[reason]string{
	reason(observation.MalformedFrame): "frames that are no dnstap",
	reason(observation.OversizedFrame): "frames longer than two messages",
	reason(observation.NoMessage):      "the sender leaves out what was answered",
	reason(observation.Malformed):      "messages that are no DNS",
	reason(observation.BadTime):        "a time before there was DNS, or in the future: is the sender's clock right?",
	memtableFull:                       "the store cannot write as fast as this comes, or not at all",
	refused:                            "RRsets that no store takes",
}

func (t *tap) dropped(why reason, n uint64) {
	t.recorder.drop(why, n)
	if trouble, ok := troubles[why]; ok {
		t.complaints.tell(why.String(), n, trouble)
	}
}

// chosen tells of messages that are of no use since types does not choose them,
// where nothing else has come. Resolvers that send nothing but what they tell their
// clients are many.
func (t *tap) chosen(observed uint64, types, notChosen dnstap.Types, n uint64) {
	switch {
	case observed > 0:
		t.useful.Store(true)
	case notChosen != 0 && !t.useful.Load():
		why := reason(observation.MessageType).String()
		t.complaints.tell(why, n, fmt.Sprintf("%s came, and nothing that counts: the property types chooses %s", notChosen, types))
	}
}

// Connected implements listen.Receiver.
func (t *tap) Connected(peer net.Addr, now int) {
	t.complaints.note("connected", fmt.Sprintf("%s is connected; senders: %d", peerName(peer), now))
}

// Ended implements listen.Receiver.
func (t *tap) Ended(peer net.Addr, now int, why listen.End, err error) {
	t.ended[why].Inc()
	switch {
	case why == listen.Shutdown && err == nil:
	case why == listen.Finished:
		t.complaints.note(why.String(), fmt.Sprintf("%s is done; senders: %d", peerName(peer), now))
	case why == listen.Limit:
		t.complaints.tell(why.String(), 1, peerName(peer)+" refused: as many as the property connections allows are connected")
	default:
		t.complaints.tell(why.String(), 1, peerName(peer)+": "+err.Error())
	}
}

// SocketFailed implements listen.Receiver.
func (t *tap) SocketFailed(err error) {
	t.socketErrors.Inc()
	t.complaints.tell("socket error", 1, err.Error())
}

// peerName names a sender, which is a resolver.
func peerName(a net.Addr) string {
	if a == nil || a.Network() == "unix" {
		return "a local process"
	}
	return a.String()
}

// Where the store has no room an observation waits for some, and its sender with
// it. Where that is in vain, since the disk hangs, the next ones do not wait for a
// while: a sender must not wait for ever.
const (
	roomTime  = 10 * time.Second
	hurryTime = time.Minute
)

// record takes an observation into the store.
func (t *tap) record(rr *rrset.RRset) error {
	s := t.recorder.store
	err := s.AddSpare(rr)
	if !errors.Is(err, store.ErrFull) || time.Now().Before(t.hurry()) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), t.roomTime)
	defer cancel()
	if err = s.AddWait(ctx, rr); errors.Is(err, context.DeadlineExceeded) {
		until := time.Now().Add(hurryTime)
		t.hurried.Store(&until)
		return store.ErrFull
	}
	return err
}

// hurry is until when nothing waits.
func (t *tap) hurry() time.Time {
	if until := t.hurried.Load(); until != nil {
		return *until
	}
	return time.Time{}
}
