package pdnscollect

import (
	"context"
	"errors"
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
	tallies    sync.Pool
	stuck      atomic.Bool // the store had no room for longer than patience

	frames       prometheus.Counter
	ended        [listen.Ends]prometheus.Counter
	socketErrors prometheus.Counter
}

func newTap(label string, s *store.Store, o *observation.Observer, types dnstap.Types, sensor bool) *tap {
	t := &tap{
		label:        label,
		recorder:     newRecorder(s, label),
		complaints:   complaints{about: "dnstap " + label},
		frames:       dnstapFrames.WithLabelValues(label),
		socketErrors: dnstapSocketErrors.WithLabelValues(label),
	}
	for why := range listen.Ends {
		t.ended[why] = dnstapEnded.WithLabelValues(label, why.String())
	}
	if sensor {
		t.sensors = newSensors(t.complaints.about)
	}
	t.tallies.New = func() any {
		y := &tally{tap: t, taker: dnstap.Taker{Observer: o, Types: types, Source: rrset.FromDnstap}}
		if sensor {
			y.taker.Sensor = func(identity []byte) { y.sensor.count(identity, t.sensors) }
		}
		return y
	}
	return t
}

// Take implements listen.Receiver.
func (t *tap) Take(b *intake.Batch) {
	y := t.tallies.Get().(*tally)
	defer t.tallies.Put(y)
	defer y.settle()
	defer t.recorder.recover()
	t.frames.Add(float64(b.Len()))
	y.taker.Take(b, y)
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

// Ended implements listen.Receiver.
func (t *tap) Ended(peer net.Addr, why listen.End, err error) {
	t.ended[why].Inc()
	switch {
	case why == listen.Finished || why == listen.Shutdown:
	case why == listen.Limit:
		t.complaints.tell(why.String(), 1, peerName(peer)+" refused: as many as may be are connected")
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

// patience is how long one observation waits for room in the store. A disk may be
// slow for a while; where it is stuck, senders must not wait for ever, and nothing
// more is waited for until there is room.
const patience = 10 * time.Second

// record takes an observation into the store. Where that has no room, it waits,
// and so does the sender in the end.
func (t *tap) record(rr *rrset.RRset) error {
	s := t.recorder.store
	err := s.Add(rr)
	if !errors.Is(err, store.ErrFull) || t.stuck.Load() {
		if err == nil && t.stuck.Load() {
			t.stuck.Store(false)
		}
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err = s.AddWait(ctx, rr); errors.Is(err, context.DeadlineExceeded) {
		t.stuck.Store(true)
		return store.ErrFull
	}
	return err
}
