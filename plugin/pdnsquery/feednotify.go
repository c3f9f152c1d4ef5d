package pdnsquery

import (
	"sync/atomic"
	"time"
)

// notifyEvery is the least time between two rounds of NOTIFY about one feed: what
// changes in between is told by one. Tests set it.
var notifyEvery = 5 * time.Second

// A notifier sends NOTIFY (RFC 1996) about feeds. The transfer plugin, which sends it to
// the secondaries that its "to" names, takes its time where one does not answer, so each
// feed has a goroutine then, and no more than one.
type notifier struct {
	send  func(zone string) error
	zones map[string]*notice
}

// A notice is what the secondaries of a feed were told.
type notice struct {
	serial uint32
	sent   time.Time
	busy   atomic.Bool // a round is under way

	failing bool // that a round failed was told; of who is busy
}

func newNotifier(send func(zone string) error) *notifier {
	return &notifier{send: send, zones: map[string]*notice{}}
}

// tell has the secondaries of a feed know its serial, unless they do, or a moment later.
// It does not wait for them. It is not safe for concurrent use.
func (n *notifier) tell(zone string, serial uint32) {
	z := n.zones[zone]
	if z == nil {
		z = &notice{}
		n.zones[zone] = z
	}
	if z.serial == serial || time.Since(z.sent) < notifyEvery || !z.busy.CompareAndSwap(false, true) {
		return
	}
	z.serial, z.sent = serial, time.Now()
	go func() {
		defer z.busy.Store(false)
		z.count(zone, n.send(zone))
	}()
}

// count takes a round into the metrics. That one failed is told once for each feed until
// one succeeds: a secondary may have some of the feeds only.
func (z *notice) count(zone string, err error) {
	if err == nil {
		feedNotifies.WithLabelValues(zone, "sent").Inc()
		z.failing = false
		return
	}
	feedNotifies.WithLabelValues(zone, "failed").Inc()
	if !z.failing {
		z.failing = true
		log.Warningf("feed: %s: secondaries ask by themselves each minute, or have no such zone: %v", zone, err)
	}
}
