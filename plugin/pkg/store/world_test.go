package store_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// A world makes RRsets out of few names and addresses, so that they meet often,
// and questions about them.
type world struct{ *rand.Rand }

// one picks one of some.
func one[T any](w world, of ...T) T { return of[w.IntN(len(of))] }

func (w world) name() []byte {
	n := one(w, "example.com", "example.net", "a.example.com", "test", "co.example", "127.in-addr.arpa")
	for range w.IntN(3) {
		n = one(w, "www", "mail", "a", "b-1", `x\000y`, `\001`, "ns1") + "." + n
	}
	return rrset.MustName(n)
}

// target is a name that rdata holds; there are fewer of them.
func (w world) target() []byte {
	return rrset.MustName(one(w, "ns1.example.com", "ns2.example.com", "www.example.net", "a.test", "test", `x\000y.test`))
}

func (w world) address() netip.Addr {
	if w.IntN(4) == 0 {
		return netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", w.IntN(12)))
	}
	return netip.AddrFrom4([4]byte{192, 0, 2, byte(w.IntN(24))})
}

// observation makes one of about now.
func (w world) observation(now int64) *rrset.RRset {
	r := &rrset.RRset{Owner: w.name()}
	r.First = now - int64(w.IntN(5))
	r.Last, r.Count = r.First+int64(w.IntN(4)), uint64(1+w.IntN(3))
	if w.IntN(4) > 0 {
		r.Marks |= rrset.HasTTL
		r.TTLMin = uint32(w.IntN(600))
		r.TTLMax = r.TTLMin + uint32(w.IntN(2))*60
	}
	r.Marks |= one(w, rrset.FromForward, rrset.FromDnstap, rrset.FromImport)
	if w.IntN(3) > 0 {
		r.Bailiwick = rrset.Suffix(r.Owner, w.IntN(rrset.CountLabels(r.Owner)+1))
	}
	r.Type = one(w, dns.TypeA, dns.TypeA, dns.TypeA, dns.TypeAAAA, dns.TypeNS, dns.TypeCNAME, dns.TypeMX, dns.TypeTXT,
		dns.TypeSOA, dns.TypeSRV, dns.TypeHTTPS, rrset.TypeNXDOMAIN, rrset.TypeNODATA, uint16(65400))
	for range 1 + w.IntN(4) {
		if rd := w.rdata(r.Type); rd != nil {
			r.Rdata = append(r.Rdata, rd)
		}
	}
	r.Rdata = rrset.SortRdata(r.Rdata)
	return r
}

func (w world) rdata(rtype uint16) []byte {
	name := rrset.NameString(w.target())
	text := ""
	switch rtype {
	case dns.TypeA, dns.TypeAAAA:
		for {
			if a := w.address(); a.Is4() == (rtype == dns.TypeA) {
				return a.AsSlice()
			}
		}
	case dns.TypeNS, dns.TypeCNAME:
		text = name
	case dns.TypeMX:
		text = fmt.Sprintf("%d %s", w.IntN(2), name)
	case dns.TypeSOA:
		text = name + " " + one(w, name, rrset.NameString(w.target())) + " 1 2 3 4 5"
	case dns.TypeSRV:
		text = "0 0 443 " + name
	case dns.TypeHTTPS:
		text = "1 " + name + fmt.Sprintf(" ipv4hint=192.0.2.%d ipv6hint=2001:db8::%x", w.IntN(24), w.IntN(12))
	case dns.TypeTXT:
		// Now and then more than fits in a key.
		n := one(w, w.IntN(200), w.IntN(200), w.IntN(200), 1500)
		for ; n > 255; n -= 255 {
			text += `"` + strings.Repeat("y", 255) + `" `
		}
		text += `"` + strings.Repeat("x", n) + `"`
	case rrset.TypeNODATA:
		return binary.BigEndian.AppendUint16(nil, one(w, dns.TypeA, dns.TypeAAAA))
	case rrset.TypeNXDOMAIN:
		return nil
	default:
		return []byte{byte(w.IntN(3)), byte(w.IntN(3))}
	}
	rd, err := rrset.ParseRdata(rtype, text)
	if err != nil {
		panic(fmt.Sprintf("%s %s: %v", dns.TypeToString[rtype], text, err)) // a mistake in this test
	}
	return rd
}

// addresses are those that an RRset holds.
func addresses(r *rrset.RRset) (held []netip.Addr) {
	note := func(ips ...net.IP) {
		for _, ip := range ips {
			a, _ := netip.AddrFromSlice(ip)
			held = append(held, a.Unmap())
		}
	}
	for _, rd := range r.Rdata {
		switch r.Type {
		case dns.TypeA, dns.TypeAAAA:
			note(rd)
		case dns.TypeHTTPS:
			rr, _ := rrset.ToRR(r.Owner, r.Type, 0, rd)
			for _, v := range rr.(*dns.HTTPS).Value {
				switch v := v.(type) {
				case *dns.SVCBIPv4Hint:
					note(v.Hint...)
				case *dns.SVCBIPv6Hint:
					note(v.Hint...)
				}
			}
		}
	}
	return held
}

// holdsTarget reports whether a name in the rdata is one that is looked for.
func holdsTarget(r *rrset.RRset, wanted func(name []byte) bool) bool {
	return slices.ContainsFunc(r.Rdata, func(rd []byte) (hit bool) {
		rrset.RdataNames(r.Type, rd, func(n []byte) { hit = hit || wanted(n) })
		return hit
	})
}

// subject makes one of every kind, and says what it matches.
func (w world) subject() (s store.Subject, match func(*rrset.RRset) bool, ordered bool) {
	name := w.name()
	switch w.IntN(9) {
	case 0:
		return store.All(), func(*rrset.RRset) bool { return true }, true
	case 1:
		return store.Owner(name), func(r *rrset.RRset) bool { return bytes.Equal(r.Owner, name) }, true
	case 2:
		return store.Below(name), func(r *rrset.RRset) bool { return rrset.Encloses(name, r.Owner) }, true
	case 3:
		return w.leading()
	case 4:
		a := w.address()
		return store.Address(a), func(r *rrset.RRset) bool { return slices.Contains(addresses(r), a) }, false
	case 5:
		a := w.address()
		p := netip.PrefixFrom(a, one(w, a.BitLen()-3, a.BitLen()-5, 8)).Masked()
		return store.Network(p), func(r *rrset.RRset) bool { return slices.ContainsFunc(addresses(r), p.Contains) }, false
	case 6:
		name = w.target()
		return store.Target(name), func(r *rrset.RRset) bool {
			return holdsTarget(r, func(n []byte) bool { return bytes.Equal(n, name) })
		}, false
	case 7:
		name = one(w, w.name(), w.target(), rrset.Parent(w.target()))
		return store.TargetBelow(name), func(r *rrset.RRset) bool {
			return holdsTarget(r, func(n []byte) bool { return rrset.Encloses(name, n) })
		}, false
	default:
		prefix := one(w, []byte{192, 0, 2, 7}, []byte{192, 0}, []byte{0, 1, 3, 'w'}, []byte{200, 'x'}, []byte{1},
			rrset.MustName("example.com")[:5], []byte{3, 'n', 's'})
		return store.Raw(prefix), func(r *rrset.RRset) bool {
			return slices.ContainsFunc(r.Rdata, func(rd []byte) bool { return bytes.HasPrefix(rd, prefix) })
		}, false
	}
}

// leading asks for names that begin with one label or two, and have more.
func (w world) leading() (s store.Subject, match func(*rrset.RRset) bool, ordered bool) {
	labels := [][]byte{one(w, []byte("www"), []byte("a"), []byte("x\x00y"))}
	if w.IntN(2) == 0 {
		labels = append(labels, one(w, []byte("example"), []byte("mail"), []byte("a")))
	}
	return store.Leading(labels...), func(r *rrset.RRset) bool {
		var wire []byte
		for _, l := range labels {
			wire = append(append(wire, byte(len(l))), l...)
		}
		return rrset.CountLabels(r.Owner) > len(labels) && bytes.HasPrefix(r.Owner, wire)
	}, false
}

// question asks about a subject in one of the ways that there are.
func (w world) question(now int64) question {
	s, holds, ordered := w.subject()
	q := store.Query{Subject: s, Negative: w.IntN(3) == 0}
	switch w.IntN(6) {
	case 0:
		q.Types = []uint16{dns.TypeA, dns.TypeHTTPS, rrset.TypeNXDOMAIN}
	case 1:
		q.Bailiwick = rrset.Parent(w.name())
	case 2:
		q.Fences = store.Fences{FirstBefore: now - 20, LastAfter: now - 40}
	case 3:
		q.Slices = true
	case 4: // of names below one, since an owner's last RRsets would count too
		name := w.name()
		q.Subject, q.At = store.Below(name), now-int64(w.IntN(100))
		holds, ordered = func(r *rrset.RRset) bool { return rrset.Encloses(name, r.Owner) }, true
	}
	return question{q, func(r *rrset.RRset) bool { return holds(r) && wanted(&q, r) }, ordered}
}

// wanted is what a query asks for beside its subject.
func wanted(q *store.Query, r *rrset.RRset) bool {
	f := q.Fences
	switch {
	case len(q.Types) > 0 && !slices.Contains(q.Types, r.Type),
		len(q.Types) == 0 && !q.Negative && rrset.IsNegative(r.Type),
		q.Bailiwick != nil && !bytes.Equal(r.Bailiwick, q.Bailiwick),
		f.FirstBefore != 0 && r.First > f.FirstBefore,
		f.LastAfter != 0 && r.Last < f.LastAfter,
		q.At != 0 && (r.First > q.At || r.Last < q.At):
		return false
	}
	return true
}
