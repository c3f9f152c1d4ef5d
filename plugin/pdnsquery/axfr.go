package pdnsquery

import (
	"context"
	"errors"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/transfer"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/store"
)

// batch is how many records go to the transfer plugin at a time.
const batch = 64

func isTransfer(t uint16) bool { return t == dns.TypeAXFR || t == dns.TypeIXFR }

// serveTransfer gives a whole result as a transfer. It reports whether an answer was
// written. IXFR is answered in full: the past grows everywhere at once.
func (x *exchange) serveTransfer(ctx context.Context) bool {
	if !x.canTransfer() {
		return false
	}
	q, err := x.transferQuestion()
	if err != nil {
		// No NODATA and no NXDOMAIN: a transfer has no negative answer (RFC 5936).
		x.fail(outcomeMalformed, dns.RcodeRefused, dns.ExtendedErrorCodeOther, err.Error())
		return false
	}
	if !x.open() {
		return false
	}
	return x.transfer(ctx, x.h.bounds.transfer, func(ctx context.Context, _ uint32, send sender) error { return x.wholeOf(ctx, q, send) })
}

// canTransfer finds the transfer plugin, or answers that there is none.
func (x *exchange) canTransfer() bool {
	if x.h.transfer == nil {
		x.fail(outcomeRefused, dns.RcodeRefused, dns.ExtendedErrorCodeProhibited, "no transfer plugin in this server block")
	}
	return x.h.transfer != nil
}

// transfer gives what stream sends, under the ACL and TSIG of the transfer plugin. It
// reports whether an answer was written. When the context is done while it is under way,
// the connection is closed: a write to a client that does not read would go on.
//
// The plugin asks its transferers without a context, and drains what one sends
// after the client has gone. So each request goes through a copy of the plugin
// that knows one transferer, which ends with the request, and that ends in a
// refusal: a name that no transfer block covers would go on to forward.
func (x *exchange) transfer(ctx context.Context, bound *shares, stream streamer) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	res := &result{ctx: ctx, x: x, bound: bound, stream: stream, done: make(chan struct{})}
	through := *x.h.transfer
	through.Transferers = []transfer.Transferer{res}
	through.Next = plugin.HandlerFunc(func(context.Context, dns.ResponseWriter, *dns.Msg) (int, error) {
		return dns.RcodeRefused, nil
	})
	x.outcome = outcomeTransferred
	var err error
	x.rcode, err = through.ServeDNS(ctx, x.state.W, x.r)
	switch {
	case errors.Is(err, errBusy):
		x.incomplete(errBusy, false)
		return false
	case !res.started:
		x.outcome = outcomeRefused
		return true
	}
	cut := res.cut()
	cancel()
	<-res.done
	res.leave()     // not before the last message was taken
	if err != nil { // of sending: it has the client's address in it, and would be logged
		x.unsent(ctx)
	} else {
		x.err = res.err
	}
	if err != nil || res.err != nil || cut {
		x.outcome = outcomeFailed
		x.rcode = dns.RcodeSuccess // records were sent: it is too late for an error
		x.state.W.Close()          // what the client has got ends without a SOA
	}
	return true
}

// transferQuestion is the question of a transfer: the zone itself is everything.
func (x *exchange) transferQuestion() (*question.Question, error) {
	if len(x.name) == 1 {
		return &question.Question{Query: store.Query{Subject: store.All()}}, nil
	}
	q, err := question.Parse(x.name, clock.Now())
	if err == nil {
		err = fits(q, x.qtype())
	}
	return q, err
}

// A streamer sends the records of a transfer, the SOA first and last. serial is that of
// the question of an IXFR, and else 0.
type streamer func(ctx context.Context, serial uint32, send sender) error

// A sender takes the next records. After an error nobody wants more.
type sender func([]dns.RR) error

// A result is one transfer under way.
type result struct {
	ctx     context.Context
	x       *exchange
	bound   *shares
	stream  streamer
	started bool
	leave   func()        // gives up the place
	cut     func() bool   // reports whether the connection was closed, which it never is afterwards
	done    chan struct{} // closed when the stream has ended
	err     error         // then
}

// Transfer implements transfer.Transferer: it is called once the client is known
// to be one that may have it.
func (t *result) Transfer(_ string, serial uint32) (<-chan []dns.RR, error) {
	ctx, cancel := context.WithTimeout(t.ctx, t.x.h.timeout)
	defer cancel()
	leave, err := t.bound.enter(ctx, t.x.state.IP())
	if err != nil {
		return nil, err
	}
	t.started, t.leave = true, leave
	t.cut = closeWhenDone(t.ctx, t.x.state.W)
	ch := make(chan []dns.RR)
	go func() {
		defer close(t.done)
		defer close(ch)
		t.err = t.stream(t.ctx, serial, func(rrs []dns.RR) error {
			select {
			case ch <- rrs:
				return nil
			case <-t.ctx.Done():
				return t.ctx.Err()
			}
		})
	}()
	return ch, nil
}

// closeWhenDone closes a connection when a context is done, so that a write to it that
// waits for the client ends. The function that it returns ends that, and reports whether
// it was closed.
func closeWhenDone(ctx context.Context, w dns.ResponseWriter) func() bool {
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		w.Close()
		close(closed)
	})
	return func() bool {
		if stop() {
			return false
		}
		<-closed
		return true
	}
}

// wholeOf sends the SOA, every RRset as it is found, and the SOA again. Without
// the second one a client knows that it has not got everything.
func (x *exchange) wholeOf(ctx context.Context, q *question.Question, send sender) error {
	soa := x.soa()
	soa.Hdr.Name = x.qname()
	rrs := []dns.RR{soa}
	for r, err := range x.src.Find(ctx, q.Query) {
		switch {
		case errors.Is(err, store.ErrIncomplete):
			rrs = append(rrs, x.note(q, x.h.clip(err.Error()), ""))
			continue
		case err != nil:
			return err
		}
		rrs = append(rrs, x.textOf(r, q.Owner == nil, q.JSON))
		if len(rrs) >= batch {
			if err := send(rrs); err != nil {
				return err
			}
			rrs = nil
		}
	}
	return send(append(rrs, soa))
}
