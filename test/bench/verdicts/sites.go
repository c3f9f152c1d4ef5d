package main

import (
	"fmt"
	"net/netip"

	"github.com/miekg/dns"
)

const (
	typeNS    = dns.TypeNS
	typeCNAME = dns.TypeCNAME
)

// neighbours are other domains at an address, each seen a few times.
func (w *world) neighbours(prefix string, n int, addrs []netip.Addr, servers []server) {
	for range n {
		name := w.name(prefix)
		for range 1 + w.dice.IntN(3) {
			at := w.begin + int64(w.dice.Float64()*year)
			w.address(at, name, 3600, addrs[w.dice.IntN(len(addrs))])
		}
		if len(servers) > 0 {
			var names []string
			for _, s := range servers {
				names = append(names, s.name+".")
			}
			w.see(w.begin+int64(w.dice.Float64()*year), name, typeNS, 86400, names...)
		}
	}
}

// roundRobin has its own machines at one hoster, and shows some of them at a time.
func roundRobin(w *world, k *kind, each int) {
	for range each {
		name := w.name("robin")
		h := w.net.newSystem(1 + w.dice.IntN(4))
		own := w.several(h, int(w.between(4, 60)))
		from, until := w.span(w.between(30, 364))
		answers, ttl := 1+w.dice.IntN(4), uint32(w.between(20, 300))
		for _, at := range w.looks(from, until, w.between(1, 15)) {
			if w.dice.IntN(200) == 0 { // a machine is replaced
				own[w.dice.IntN(len(own))] = w.net.at(h, 0)
			}
			w.address(at, name, ttl, w.some(own, answers)...)
		}
		w.served(name, from, until, w.servers(h))
		w.judge(name, k)
		w.met(k.name, false, own)
	}
}

// dynamicHome has one address, another one each day or week, of one provider.
func dynamicHome(w *world, k *kind, each int) {
	for range each {
		provider := w.net.access[w.dice.IntN(len(w.net.access))]
		name := "host." + w.name("dyn")
		from, until := w.span(w.between(14, 364))
		stay := w.between(0.5, 10)
		addr, next := w.net.at(provider, 0), int64(0)
		for _, at := range w.looks(from, until, w.between(0.5, 10)) {
			if at >= next {
				next = at + int64(stay*day)
				addr = w.net.at(provider, 0)
			}
			w.address(at, name, 60, addr)
		}
		w.judge(name, k)
		w.met(k.name, false, []netip.Addr{addr})
	}
}

// volunteers are a pool as that of time servers: hundreds all over, four at a time.
func volunteers(w *world, k *kind, each int) {
	for range each {
		name := "0." + w.name("pool")
		var pool []netip.Addr
		for range int(w.between(40, 800)) {
			pool = append(pool, w.net.home())
		}
		from, until := w.span(w.between(90, 364))
		for _, at := range w.looks(from, until, w.between(3, 20)) {
			if w.dice.IntN(100) == 0 {
				pool[w.dice.IntN(len(pool))] = w.net.home()
			}
			w.address(at, name, 130, w.some(pool, 4)...)
		}
		w.judge(name, k)
		w.met(k.name, false, pool)
	}
}

// sharedHosting has thousands of domains at some addresses.
func sharedHosting(w *world, k *kind, each int) {
	for each > 0 {
		h := w.net.newSystem(1 + w.dice.IntN(3))
		addrs, servers := w.several(h, 1+w.dice.IntN(3)), w.servers(h)
		domains := int(w.between(60, 6000))
		w.neighbours("hosted", domains*len(addrs), addrs, servers)
		for range min(each, 4) {
			each--
			w.plain(k, "customer", addrs[:1], servers, w.between(20, 364))
		}
		w.met(k.name, true, addrs)
		for _, s := range servers[:1] {
			w.nodes = append(w.nodes, node{s.name + ".", "servers of a hoster", true})
		}
	}
}

// parked are names that only show that they are for sale.
func parked(w *world, k *kind, each int) {
	for each > 0 {
		h := w.net.newSystem(1)
		addrs, servers := w.several(h, 2), w.servers(h)
		w.neighbours("forsale", int(w.between(1500, 6000)), addrs, servers)
		for range min(each, 10) {
			each--
			w.plain(k, "parked", addrs, servers, w.between(20, 364))
		}
		w.met(k.name, true, addrs)
	}
}

// plain is a name with the same addresses all the time.
func (w *world) plain(k *kind, prefix string, addrs []netip.Addr, servers []server, days float64) {
	name := w.name(prefix)
	from, until := w.span(days)
	for _, at := range append(w.looks(from, until, w.between(0.5, 10)), from) {
		w.address(at, name, 3600, addrs...)
	}
	w.served(name, from, until, servers)
	w.judge(name, k)
}

func stableSite(w *world, k *kind, each int) {
	for range each {
		h := w.net.newSystem(2)
		addrs := w.several(h, 1+w.dice.IntN(2))
		w.neighbours("sister", w.dice.IntN(15), addrs, nil)
		w.plain(k, "stable", addrs, w.servers(h), w.between(30, 364))
		w.met(k.name, false, addrs)
	}
}

// portfolio is a name of a company that has dozens or hundreds of domains on a machine
// of its own.
func portfolio(w *world, k *kind, each int) {
	for range each {
		h := w.net.newSystem(1)
		addrs, servers := w.several(h, 2), w.servers(h)
		w.neighbours("brand", int(w.between(10, 500)), addrs, servers)
		w.plain(k, "company", addrs, servers, w.between(30, 364))
		w.met(k.name, false, addrs)
	}
}

// migrated went from one hoster to the next, some of them several times.
func migrated(w *world, k *kind, each int) {
	for range each {
		name := w.name("moved")
		from, until := w.span(w.between(60, 364))
		moves := 1 + w.dice.IntN(3)
		for i := range moves + 1 {
			h := w.net.newSystem(1)
			addrs := w.several(h, 1+w.dice.IntN(3))
			begin := from + (until-from)*int64(i)/int64(moves+1)
			end := from + (until-from)*int64(i+1)/int64(moves+1)
			for _, at := range append(w.looks(begin, end, w.between(0.5, 5)), begin) {
				w.address(at, name, 3600, addrs...)
			}
			w.served(name, begin, end, w.servers(h))
			w.met(k.name, false, addrs)
		}
		w.judge(name, k)
	}
}

// newborn is a phish of the last days, on a machine with a few others.
func newborn(w *world, k *kind, each int) {
	for range each {
		h := w.net.newSystem(1)
		addrs := w.several(h, 1)
		for i := range w.dice.IntN(12) {
			at := w.begin + int64(w.dice.Float64()*year)
			w.address(at, fmt.Sprintf("login%d.%s", i, w.name("bank")), 3600, addrs[0])
		}
		w.plain(k, "phish", addrs, w.servers(h), w.between(0.2, 4))
		w.met(k.name, false, addrs)
	}
}
