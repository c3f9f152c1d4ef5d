package pdnsquery

import (
	"context"
	"iter"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/feed"
)

// serveFeedTransfer gives a feed, or how it changed (RFC 1995). It reports whether an
// answer was written.
func (x *exchange) serveFeedTransfer(ctx context.Context, s *feed.State) bool {
	switch {
	case len(x.feed.name) > 1:
		x.fail(outcomeRefused, dns.RcodeRefused, dns.ExtendedErrorCodeOther, "no zone begins here: want "+x.feed.apex)
		return false
	case !x.canTransfer():
		return false
	case x.qtype() == dns.TypeIXFR && x.state.Proto() == "udp":
		// A single SOA tells the client to ask by TCP (RFC 1995, section 2).
		x.add(x.feed.soa(s))
		return false
	}
	ctx, cancel := x.h.feeds.transferring(ctx)
	defer cancel()
	return x.transfer(ctx, x.h.bounds.feed, func(_ context.Context, serial uint32, send sender) error {
		return x.streamFeed(s, serial, send)
	})
}

// transferTime is how long a transfer of a feed may take: longer than a million records
// do at 10 Mbit/s. Tests set it.
var transferTime = 2 * time.Minute

// transferring is the context of a transfer, which a reload or the end ends too: nobody
// waits for a client that reads slowly, and it can ask again.
func (f *feeds) transferring(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, transferTime)
	f.cuts.Lock()
	life := f.life
	f.cuts.Unlock()
	stop := context.AfterFunc(life, cancel)
	return ctx, func() { stop(); cancel() }
}

// cut ends the transfers that are under way.
func (f *feeds) cut() {
	f.cuts.Lock()
	defer f.cuts.Unlock()
	f.ended()
	f.life, f.ended = context.WithCancel(context.Background())
}

// Forms of a transfer of a feed.
const (
	formWhole      = "axfr"
	formDifference = "ixfr"
	formUpToDate   = "uptodate"
)

// streamFeed sends the SOA alone where the client has the serial, the difference where
// that is known, or else the feed. Serial 0 is that of who has none.
func (x *exchange) streamFeed(s *feed.State, serial uint32, send sender) error {
	soa := x.feed.soa(s)
	p := &packer{rrs: []dns.RR{soa}, send: send}
	form := formWhole
	if serial != 0 {
		if s.Reaches(serial) {
			feedTransfers.WithLabelValues(x.feed.apex, formUpToDate).Inc()
			return p.flush()
		}
		if d, ok := s.Since(serial); ok {
			form = formDifference
			old := *soa
			old.Serial = serial
			p.add(&old)
			p.addAll(x.feed, d.Deleted())
			p.add(soa)
			p.addAll(x.feed, d.Added())
		}
	}
	if form == formWhole {
		p.add(x.feed.ns())
		p.addAll(x.feed, s.Names())
	}
	p.add(soa)
	err := p.flush()
	if err == nil {
		feedTransfers.WithLabelValues(x.feed.apex, form).Inc()
	}
	return err
}

// A packer sends records some at a time.
type packer struct {
	rrs  []dns.RR
	send sender
	err  error // of sending: nothing more is sent
}

func (p *packer) add(rr dns.RR) { p.rrs = append(p.rrs, rr) }

// addAll adds what names are in a feed.
func (p *packer) addAll(f *feedName, names iter.Seq[string]) {
	for name := range names {
		p.rrs = f.entries(p.rrs, name)
		if len(p.rrs) >= batch && p.flush() != nil {
			return
		}
	}
}

func (p *packer) flush() error {
	if p.err == nil && len(p.rrs) > 0 {
		p.err = p.send(p.rrs)
		p.rrs = nil
	}
	return p.err
}
