package main

import (
	"fmt"
	"net/netip"
)

// globalCDN has edges in the networks of others, and leads to them by aliases. A
// resolver sees those near to it, and some more when these are busy.
func globalCDN(w *world, k *kind, each int) {
	for each > 0 {
		zone := w.name("edges")
		listed := w.dice.IntN(2) == 0
		var near []netip.Addr
		for range 8 + w.dice.IntN(30) {
			s := w.net.access[w.dice.IntN(len(w.net.access))]
			for range 1 + w.dice.IntN(8) {
				near = append(near, w.net.at(s, 0))
			}
		}
		if listed {
			w.listed = append(w.listed, near...)
		}
		// Each edge serves all customers; some are seen at each.
		for range int(w.between(80, 600)) {
			name := w.name("customer")
			edge := fmt.Sprintf("%s.%s", name, zone)
			for range 1 + w.dice.IntN(8) {
				at := w.begin + int64(w.dice.Float64()*year)
				w.see(at, "www."+name, typeCNAME, 3600, edge+".")
				w.address(at, edge, 20, w.some(near, 2)...)
			}
		}
		for range min(each, 6) {
			each--
			name := w.name("global")
			edge := fmt.Sprintf("%s.%s", name, zone)
			from, until := w.span(w.between(10, 364))
			answers := 2 + w.dice.IntN(3)
			for _, at := range w.looks(from, until, w.between(1, 30)) {
				w.see(at, "www."+name, typeCNAME, 3600, edge+".")
				w.address(at, edge, 20, w.some(near, answers)...)
			}
			w.judge("www."+name, k)
		}
		w.met(k.name, true, near)
	}
}

// anycastCDN has the same addresses everywhere, of one system, for very many.
func anycastCDN(w *world, k *kind, each int) {
	for each > 0 {
		s := w.net.newSystem(3)
		addrs, servers := w.several(s, 20), w.servers(s)
		if w.dice.IntN(2) == 0 {
			w.listed = append(w.listed, addrs...)
		}
		w.neighbours("fronted", int(w.between(3000, 30_000)), addrs, servers)
		for range min(each, 10) {
			each--
			w.plain(k, "anycast", w.some(addrs, 2+w.dice.IntN(4)), servers, w.between(10, 364))
		}
		w.met(k.name, true, addrs)
	}
}

// newRanges is a CDN without aliases and with few customers, which adds systems that
// nobody has seen before.
func newRanges(w *world, k *kind, each int) {
	for each > 0 {
		var near []netip.Addr
		grow := func(systems int) {
			for range systems {
				s := w.net.newSystem(1)
				near = append(near, w.several(s, 4+w.dice.IntN(10))...)
			}
		}
		grow(3 + w.dice.IntN(4))
		before := len(near)
		grow(2 + w.dice.IntN(5))
		moves := w.begin + int64((0.3+0.4*w.dice.Float64())*year)
		edges := func(at int64, n int) []netip.Addr {
			if at < moves {
				return w.some(near[:before], n)
			}
			return w.some(near, n)
		}
		for range int(w.between(40, 200)) {
			name := w.name("client")
			for _, at := range w.looks(w.begin, w.begin+year, w.between(0.05, 0.5)) {
				w.address(at, name, 60, edges(at, 2)...)
			}
		}
		for range min(each, 4) {
			each--
			name := w.name("grows")
			from, until := w.span(w.between(30, 364))
			for _, at := range w.looks(from, until, w.between(1, 20)) {
				w.address(at, name, 60, edges(at, 3)...)
			}
			w.judge(name, k)
		}
		w.met(k.name, true, near)
	}
}

// cloudBalancer is a name of which a cloud changes the machines all the time, within
// its many networks. Others had them before, and will have them.
func cloudBalancer(w *world, k *kind, each int) {
	cloud := w.net.newSystem(12)
	pool := w.several(cloud, 3000)
	for range 4000 {
		w.address(w.begin+int64(w.dice.Float64()*year), w.name("tenant"), 60, pool[w.dice.IntN(len(pool))])
	}
	for range each {
		name := w.name("balanced")
		from, until := w.span(w.between(20, 364))
		now := w.some(pool, 2+w.dice.IntN(3))
		stay := w.between(0.02, 0.15) // how often one is replaced
		for _, at := range w.looks(from, until, w.between(2, 15)) {
			for i := range now {
				if w.dice.Float64() < stay {
					now[i] = pool[w.dice.IntN(len(pool))]
				}
			}
			w.address(at, name, 60, now...)
		}
		w.judge(name, k)
		w.met(k.name, false, now)
	}
}
