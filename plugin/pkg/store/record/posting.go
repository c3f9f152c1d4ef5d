package record

import (
	"encoding/binary"
	"hash/maphash"

	"github.com/cespare/xxhash/v2"
	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// Classes of rdata posting keys; the class octet comes first.
const (
	ClassIPv4 = 1 // four address octets
	ClassIPv6 = 2 // sixteen address octets
	ClassName = 3 // reversed name
	ClassRaw  = 4 // wire rdata up to rawMax octets, escaped as labels are, then 0
)

// rawMax bounds posting keys of rdata that holds neither address nor name.
// Look-ups compare the whole rdata; longer keys would only cost space.
const rawMax = 64

var seed = maphash.MakeSeed()

// Hash spreads keys over shards and tables of this process; it differs between
// processes, so that nobody can choose names that collide.
func Hash(key []byte) uint64 { return maphash.Bytes(seed, key) }

// FilterHash is the hash that filters on disk are made of.
func FilterHash(key []byte) uint64 { return xxhash.Sum64(key) }

// RdataKeys calls yield with each posting key of one rdata, the type appended:
// its addresses, its names, or else the rdata itself. The key is reused after
// yield returns; the buffer is returned for the next call.
func RdataKeys(buf []byte, t uint16, rdata []byte, yield func(key []byte)) []byte {
	if rrset.IsPseudo(t) {
		return buf
	}
	emit := func(key []byte) {
		buf = binary.BigEndian.AppendUint16(key, t)
		yield(buf)
	}
	named := false
	switch t {
	case dns.TypeA:
		emit(append(append(buf[:0], ClassIPv4), rdata...))
		return buf
	case dns.TypeAAAA:
		emit(append(append(buf[:0], ClassIPv6), rdata...))
		return buf
	case dns.TypeSVCB, dns.TypeHTTPS:
		hints(rdata, func(class byte, addr []byte) {
			named = true
			emit(append(append(buf[:0], class), addr...))
		})
	}
	err := rrset.RdataNames(t, rdata, func(name []byte) {
		if len(name) == 1 { // the root target of SVCB, a null MX: no pivot
			return
		}
		named = true
		emit(rrset.AppendReversed(append(buf[:0], ClassName), name))
	})
	if !named || err != nil {
		emit(append(AppendRaw(append(buf[:0], ClassRaw), rdata), 0))
	}
	return buf
}

// AppendRaw appends what a raw posting key holds of rdata, without the 0 that
// ends it: a prefix of the keys of all rdata that begin so.
func AppendRaw(dst, rdata []byte) []byte {
	for _, b := range rdata[:min(len(rdata), rawMax)] {
		if b <= 1 {
			dst = append(dst, 1)
			b++
		}
		dst = append(dst, b)
	}
	return dst
}

// hints calls yield with the addresses in the ipv4hint and ipv6hint parameters
// of SVCB and HTTPS rdata (RFC 9460, section 7.3).
func hints(rdata []byte, yield func(class byte, addr []byte)) {
	if len(rdata) < 3 {
		return
	}
	n, err := rrset.NameLen(rdata[2:])
	if err != nil {
		return
	}
	for p := rdata[2+n:]; len(p) >= 4; {
		key, size := binary.BigEndian.Uint16(p), int(binary.BigEndian.Uint16(p[2:]))
		if size > len(p)-4 {
			return
		}
		value := p[4 : 4+size]
		p = p[4+size:]
		switch dns.SVCBKey(key) {
		case dns.SVCB_IPV4HINT:
			eachAddress(ClassIPv4, 4, value, yield)
		case dns.SVCB_IPV6HINT:
			eachAddress(ClassIPv6, 16, value, yield)
		}
	}
}

func eachAddress(class byte, size int, b []byte, yield func(class byte, addr []byte)) {
	for ; len(b) >= size; b = b[size:] {
		yield(class, b[:size])
	}
}
