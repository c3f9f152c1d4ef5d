package main

import "net/netip"

// A botnet is machines that come and go. Each is on for days, and many have another
// address each day.
type botnet struct {
	bots []bot
}

type bot struct {
	addr        netip.Addr
	from, until int64
}

// botnet has about so many machines at a time.
func (w *world) botnet(from, until int64, size int, days float64) *botnet {
	b := &botnet{}
	for range size {
		for at := from - int64(w.dice.Float64()*days*day); at < until; {
			stay := int64(w.dice.ExpFloat64()*days*day) + hour
			b.bots = append(b.bots, bot{w.net.home(), at, at + stay})
			at += stay + int64(w.dice.ExpFloat64()*days*day/4)
		}
	}
	return b
}

// on are up to n that are on at a time.
func (w *world) on(b *botnet, at int64, n int) (addrs []netip.Addr) {
	for range 50 * n {
		if x := b.bots[w.dice.IntN(len(b.bots))]; x.from <= at && at < x.until {
			addrs = append(addrs, x.addr)
		}
		if len(addrs) == n {
			break
		}
	}
	return addrs
}

// campaign makes names of one botnet, and says of each when and with which TTL it is
// seen.
func (w *world) campaign(k *kind, names int, each func(name string, b *botnet, from, until int64)) {
	for names > 0 {
		days := w.between(4, 60)
		from, until := w.span(days)
		size := int(w.between(60, 1500))
		b := w.botnet(from, until, size, w.between(0.5, 4))
		if len(b.bots) == 0 {
			continue
		}
		for range min(names, 1+w.dice.IntN(4)) {
			names--
			name := w.name("flux")
			each(name, b, from, until)
			w.judge(name, k)
		}
		// The other names of the swindle.
		for range int(w.between(1, 300)) {
			other := w.name("lure")
			for _, at := range w.looks(from, until, w.between(0.2, 4)) {
				if on := w.on(b, at, 5); len(on) > 0 {
					w.address(at, other, 300, on...)
				}
			}
		}
		var met []netip.Addr
		for _, x := range b.bots[:min(3, len(b.bots))] {
			met = append(met, x.addr)
		}
		w.met(k.name, false, met)
	}
}

// fluxing are the answers of a flux name.
func (w *world) fluxing(name string, b *botnet, from, until int64) {
	ttl, answers := uint32(w.between(60, 900)), 2+w.dice.IntN(9)
	for _, at := range w.looks(from, until, w.between(3, 60)) {
		if on := w.on(b, at, answers); len(on) > 0 {
			w.address(at, name, ttl, on...)
		}
	}
}

func singleFlux(w *world, k *kind, each int) {
	w.campaign(k, each, func(name string, b *botnet, from, until int64) {
		w.fluxing(name, b, from, until)
		w.served(name, from, until, w.servers(w.net.newSystem(1)))
	})
}

func doubleFlux(w *world, k *kind, each int) {
	w.campaign(k, each, func(name string, b *botnet, from, until int64) {
		w.fluxing(name, b, from, until)
		servers := []string{"ns1." + name, "ns2." + name, "ns3." + name, "ns4." + name}
		for _, at := range w.looks(from, until, w.between(0.7, 8)) {
			var names []string
			for _, s := range servers[:2+w.dice.IntN(3)] {
				names = append(names, s+".")
				if on := w.on(b, at, 1); len(on) > 0 {
					w.address(at, s, uint32(w.between(180, 3600)), on...)
				}
			}
			w.see(at, name, typeNS, 3600, names...)
		}
	})
}

// slowFlux has one or two bots at a time, for a day or several.
func slowFlux(w *world, k *kind, each int) {
	for range each {
		name := w.name("slow")
		from, until := w.span(w.between(25, 150))
		b := w.botnet(from, until, 300, 3)
		ttl, stay, answers := uint32(w.between(600, 7200)), w.between(0.7, 3), 1+w.dice.IntN(2)
		var now []netip.Addr
		next := int64(0)
		for _, at := range w.looks(from, until, w.between(1.5, 12)) {
			if at >= next {
				next = at + int64(stay*day)
				if on := w.on(b, at, answers); len(on) > 0 {
					now = on
				}
			}
			if len(now) > 0 {
				w.address(at, name, ttl, now...)
			}
		}
		w.served(name, from, until, w.servers(w.net.newSystem(1)))
		w.judge(name, k)
	}
}

// fewNetworks turns over the machines of some hosters that look away.
func fewNetworks(w *world, k *kind, each int) {
	for range each {
		name := w.name("few")
		from, until := w.span(w.between(7, 60))
		var systems []*system
		for range 2 + w.dice.IntN(3) {
			systems = append(systems, w.net.newSystem(1+w.dice.IntN(2)))
		}
		answers, ttl := 2+w.dice.IntN(5), uint32(w.between(60, 600))
		fresh := w.between(0.05, 0.4) // how often an address of an answer is a new one
		var pool []netip.Addr
		for range answers {
			pool = append(pool, w.net.at(systems[w.dice.IntN(len(systems))], 0))
		}
		for _, at := range w.looks(from, until, w.between(5, 40)) {
			for i := range pool {
				if w.dice.Float64() < fresh {
					pool[i] = w.net.at(systems[w.dice.IntN(len(systems))], 0)
				}
			}
			w.address(at, name, ttl, pool...)
		}
		w.served(name, from, until, w.servers(systems[0]))
		w.judge(name, k)
		w.met(k.name, false, pool)
	}
}
