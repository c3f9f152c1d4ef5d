package pdnsquery

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coredns/caddy"
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/transfer"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/feed"
	"example.org/pdns/plugin/pkg/lease"
	"example.org/pdns/plugin/pkg/rrset"
)

// pollEvery is how often the log is looked at for what is new. Tests set it.
var pollEvery = time.Second

// feeds are the feeds of newly observed names of one server block.
type feeds struct {
	file string // that has them,
	line int    // and where

	zones    []feed.Zone
	dir      string
	follower *feed.Follower
	names    map[string]feed.Zone // by fully qualified name
	notifier *notifier            // nil without a transfer plugin

	stopped  context.CancelFunc
	done     chan struct{} // closed when nobody polls any more
	told     string        // the last error of polling
	overfull atomic.Bool   // that there is no room was told

	cuts  sync.Mutex
	life  context.Context // of the transfers that begin now
	ended context.CancelFunc
}

func newFeeds(c *caddy.Controller) *feeds { return newFeedsAt(c.File(), c.Line()) }

func newFeedsAt(file string, line int) *feeds {
	f := &feeds{file: file, line: line, names: map[string]feed.Zone{}}
	f.life, f.ended = context.WithCancel(context.Background())
	return f
}

// add reads the arguments of a line: none is every feed, a kind alone is every age.
func (f *feeds) add(args []string) error {
	kinds, ages := feed.Kinds, feed.Ages
	if len(args) > 0 {
		k, err := feed.ParseKind(args[0])
		if err != nil {
			return err
		}
		kinds = []feed.Kind{k}
	}
	if len(args) > 1 {
		ages = nil
		for _, arg := range args[1:] {
			a, err := feed.ParseAge(arg)
			if err != nil {
				return err
			}
			ages = append(ages, a)
		}
	}
	for _, k := range kinds {
		for _, a := range ages {
			z := feed.Zone{Kind: k, Age: a}
			if slices.Contains(f.zones, z) {
				return fmt.Errorf("%s %s: given twice", k, a)
			}
			f.zones = append(f.zones, z)
		}
	}
	return nil
}

// declare makes the feeds, below each of the query zones, part of the life of their
// Corefile.
func (f *feeds) declare(c *caddy.Controller, l *lease.Lease, queryZones []string) {
	longest := 0 // octets of a feed's name
	for _, q := range queryZones {
		for _, z := range f.zones {
			name := z.String() + "." + q
			f.names[name] = z
			longest = max(longest, len(name)+1)
		}
	}
	f.dir = l.Path()
	f.follower = feed.NewFollower(f.dir, feed.Options{
		Zones:   f.zones,
		Octets:  feed.MaxOctets - longest - len(wildcard) + 1, // both names end in the root
		LeftOut: f.leftOut,
	})
	// Caddy waits for the servers of the old Corefile before it is shut down.
	c.OnRestart(func() error { f.cut(); return nil })
	config := dnsserver.GetConfig(c)
	l.Beside(func() error {
		t, _ := config.Handler("transfer").(*transfer.Transfer)
		return f.start(t)
	}, f.stop)
}

// start begins to follow the log. How long that takes to read holds up nobody.
func (f *feeds) start(t *transfer.Transfer) error {
	if info, err := os.Stat(f.dir); err == nil && !info.IsDir() {
		return plugin.Error(pluginName, fmt.Errorf("%s:%d - feed: %s is a snapshot: want the directory of a store", f.file, f.line, f.dir))
	}
	if t != nil {
		f.notifier = newNotifier(t.Notify)
	}
	var ctx context.Context
	ctx, f.stopped = context.WithCancel(context.Background())
	f.done = make(chan struct{})
	running.add(f)
	go f.follow(ctx)
	return nil
}

// stop ends the following. A NOTIFY that is under way may outlast it.
func (f *feeds) stop() {
	if f.stopped == nil {
		return
	}
	running.remove(f)
	f.cut()
	f.stopped()
	<-f.done
}

func (f *feeds) follow(ctx context.Context) {
	defer close(f.done)
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		f.poll(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// poll takes in what was logged, and tells the secondaries. What is wrong with the log
// is told once.
func (f *feeds) poll(ctx context.Context) {
	err := f.follower.Poll(ctx, clock.Now())
	switch {
	case ctx.Err() != nil:
		return
	case err == nil:
		f.told = ""
	case err.Error() != f.told:
		f.told = err.Error()
		log.Errorf("feed: %v", err)
	}
	if f.notifier == nil {
		return
	}
	for name, z := range f.names {
		if s := f.follower.State(z); s != nil {
			f.notifier.tell(name, s.Serial)
		}
	}
}

// leftOut counts names that a feed does not hold.
func (f *feeds) leftOut(reason string, names int) {
	feedLeftOut.WithLabelValues(reason).Add(float64(names))
	if reason == feed.Room && f.overfull.CompareAndSwap(false, true) {
		log.Warningf("feed: more new names than a zone may hold, %d: it holds the latest", feed.DefaultMost)
	}
}

// A feedName is a name at a feed, or below it.
type feedName struct {
	zone feed.Zone
	apex string // the feed's name, fully qualified
	name []byte // what of it was asked, canonical, relative to it
	err  error  // there is no such feed
}

// enterFeed reports whether what was asked is the name of a feed of a kind that is
// served here, or a name below it.
func (x *exchange) enterFeed() bool {
	f := x.h.feeds
	if f == nil || len(x.name) < 2 {
		return false
	}
	kind, ok := feedKind(rrset.Suffix(x.name, 1))
	if !ok || !slices.ContainsFunc(f.zones, func(z feed.Zone) bool { return z.Kind == kind }) {
		return false
	}
	x.feed = &feedName{zone: feed.Zone{Kind: kind}}
	label := rrset.Suffix(x.name, 2)
	if label == nil {
		return true // the kind alone
	}
	x.feed.zone.Age, x.feed.err = feed.ParseAge(rrset.LabelString(label[1 : 1+label[0]]))
	if x.feed.err == nil && !slices.Contains(f.zones, x.feed.zone) {
		x.feed.err = errors.New("this feed is not served here")
	}
	x.feed.apex = x.feed.zone.String() + "." + x.zone
	x.feed.name = append(x.name[:len(x.name)-len(label):len(x.name)-len(label)], 0)
	return true
}

// feedKind is the kind that a label stands for, in wire form with the root behind it.
func feedKind(label []byte) (feed.Kind, bool) {
	text := string(label[1 : 1+label[0]])
	if len(text) < 2 || text[0] != '_' {
		return "", false
	}
	k, err := feed.ParseKind(text[1:])
	return k, err == nil
}
