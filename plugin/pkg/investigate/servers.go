package investigate

import (
	"cmp"
	"context"
	"slices"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

const (
	mostDomains = 5000 // domains of the scheme whose name servers are looked for
	mostServers = 50   // name servers that are told
	mostWeighed = 20   // of these, for which all their domains are counted
)

// servers finds the name servers of the domains of the scheme: who runs many of them
// runs the scheme, or sells to it.
func (w *walker) servers(ctx context.Context) error {
	domains := w.domains()
	if len(domains) > mostDomains {
		w.cut("name servers were looked for of %d of %d domains", mostDomains, len(domains))
		domains = domains[:mostDomains]
	}
	found := map[string]*Server{}
	for _, d := range domains {
		own := map[string]bool{}
		q := store.Query{Subject: store.Owner(d), Types: []uint16{dns.TypeNS}, Fences: fences(w.q.Window)}
		for s, err := range w.src.Find(ctx, q) {
			if err := w.survive(err); err != nil {
				return err
			}
			if s == nil {
				break
			}
			for _, rd := range s.Rdata {
				if w.q.ignored(analysis.NameKey(rd)) {
					continue
				}
				name := rrset.NameString(rd)
				if found[name] == nil {
					found[name] = &Server{Name: name, Of: len(domains), All: -1}
				}
				found[name].Seen.Add(analysis.Seen{First: s.First, Last: s.Last, Count: s.Count})
				if !own[name] {
					own[name] = true
					found[name].Domains++
				}
			}
		}
	}
	for _, s := range found {
		w.out.Servers = append(w.out.Servers, *s)
	}
	slices.SortFunc(w.out.Servers, func(a, b Server) int {
		return cmp.Or(cmp.Compare(b.Domains, a.Domains), cmp.Compare(a.Name, b.Name))
	})
	if more := len(w.out.Servers) - mostServers; more > 0 {
		w.cut("%s of fewer domains are not told", counted(more, "name server"))
		w.out.Servers = w.out.Servers[:mostServers]
	}
	for i := range w.out.Servers[:min(len(w.out.Servers), mostWeighed)] {
		if err := w.weigh(ctx, &w.out.Servers[i]); err != nil {
			return err
		}
	}
	return nil
}

// domains are the registered domains of the scheme, those of the seeds first.
func (w *walker) domains() (all [][]byte) {
	known, bound := map[string]bool{}, w.bound()
	for i := range w.graph.Nodes {
		n := &w.graph.Nodes[i]
		if _, ok := bound[n.ID]; !ok || n.Type != "name" || n.State == analysis.Shared || known[n.Domain] {
			continue
		}
		known[n.Domain] = true
		if wire, err := rrset.ParseName(n.Domain); err == nil {
			all = append(all, wire)
		}
	}
	return all
}

// weigh counts all domains that a server has, up to as many as make it shared.
func (w *walker) weigh(ctx context.Context, s *Server) error {
	k, err := analysis.ParseKey(s.Name)
	if err != nil {
		return nil // a name that nobody could ask about
	}
	all := map[analysis.Key]bool{}
	for l, err := range analysis.Pivot(ctx, w.src, analysis.PivotQuery{From: k, Kinds: []analysis.Kind{analysis.HasServer}, Window: w.q.Window}) {
		if err != nil {
			return w.survive(err)
		}
		if l.Target != k {
			continue
		}
		if all[l.Owner] = true; len(all) > w.q.Domains {
			s.More = true
			break
		}
	}
	s.All = len(all)
	return nil
}
