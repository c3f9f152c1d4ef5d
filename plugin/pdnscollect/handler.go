// Package pdnscollect is the CoreDNS plugin that records passive DNS: it looks
// at each answer on its way from the plugin below to the client, and keeps which
// RRsets were seen, when and how often; never who asked.
//
// The handler wraps the response writer (writer.go); an answer is turned into
// observations by package observation; a recorder (recorder.go) takes these into
// the store that package lease holds open, and counts what is left out. What
// other resolvers send as dnstap goes the same way: package listen receives it
// and a tap (tap.go) takes it.
package pdnscollect

import (
	"context"

	"github.com/coredns/coredns/plugin"
	"github.com/coredns/coredns/plugin/metrics"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/observation"
	"example.org/pdns/plugin/pkg/store"
)

// Handler records the answers of one server block.
type Handler struct {
	Next plugin.Handler

	observer  *observation.Observer
	store     func() *store.Store // nil: not open
	recorders recorders
}

// Name implements plugin.Handler.
func (*Handler) Name() string { return pluginName }

// Ready implements ready.Readiness: the store is open.
func (h *Handler) Ready() bool { return h.store() != nil }

// ServeDNS implements plugin.Handler. Where a plugin returns an rcode and writes
// nothing, the server makes up the answer, and there is nothing to record.
func (h *Handler) ServeDNS(ctx context.Context, w dns.ResponseWriter, r *dns.Msg) (int, error) {
	if rec := h.recorders.get(h.store(), metrics.WithServer(ctx)); rec != nil {
		w = &writer{ResponseWriter: w, observer: h.observer, recorder: rec, query: r}
	}
	return plugin.NextOrFailure(pluginName, h.Next, ctx, w, r)
}
