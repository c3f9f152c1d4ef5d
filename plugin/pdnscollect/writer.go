package pdnscollect

import (
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/clock"
	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/rrset"
)

// A writer observes what a plugin writes.
type writer struct {
	dns.ResponseWriter
	observer *observation.Observer
	recorder *recorder
	query    *dns.Msg
}

// WriteMsg observes m, then passes it on: afterwards it may have been cut to
// what fits into the client's datagram.
func (w *writer) WriteMsg(m *dns.Msg) error {
	w.observe(m)
	return w.ResponseWriter.WriteMsg(m)
}

// observe must not take the answer down with it, whatever is wrong.
func (w *writer) observe(m *dns.Msg) {
	defer w.recorder.recover()
	msg := observation.Message{Response: m, Time: clock.Now(), Source: rrset.FromForward}
	if len(w.query.Question) == 1 {
		msg.Asked = &w.query.Question[0]
	}
	w.observer.Observe(msg, w.recorder)
}
