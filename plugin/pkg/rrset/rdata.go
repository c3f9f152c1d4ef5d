package rrset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/miekg/dns"
)

// ErrRdata is wrapped by errors about rdata that does not fit its type.
var ErrRdata = errors.New("malformed rdata")

// layouts says where names lie in the rdata of the types that hold them: a
// digit skips octets, s a character string, n is a name, * the rest.
var layouts = map[uint16]string{
	dns.TypeNS: "n", dns.TypeMD: "n", dns.TypeMF: "n", dns.TypeCNAME: "n", dns.TypeMB: "n", dns.TypeMG: "n",
	dns.TypeMR: "n", dns.TypePTR: "n", dns.TypeDNAME: "n", dns.TypeNSAPPTR: "n",
	dns.TypeSOA: "nn992", dns.TypeMINFO: "nn", dns.TypeRP: "nn", dns.TypeTALINK: "nn",
	dns.TypeMX: "2n", dns.TypeAFSDB: "2n", dns.TypeRT: "2n", dns.TypeKX: "2n", dns.TypeLP: "2n", dns.TypePX: "2nn",
	dns.TypeSRV: "6n", dns.TypeSVCB: "2n*", dns.TypeHTTPS: "2n*", dns.TypeNAPTR: "4sssn",
	dns.TypeNSEC: "n*", dns.TypeNXT: "n*", dns.TypeRRSIG: "99n*", dns.TypeSIG: "99n*",
}

// RdataNames calls yield with each name inside rdata, a part of rdata itself.
func RdataNames(t uint16, rdata []byte, yield func(name []byte)) error {
	return walkRdata(t, rdata, 0, func(at int) (int, error) {
		n, err := NameLen(rdata[at:])
		if err == nil {
			yield(rdata[at : at+n])
		}
		return at + n, err
	})
}

// WireRdataNames calls name with where in a message each name inside the rdata of a
// record begins; it returns where the name ends.
func WireRdataNames(t uint16, msg []byte, s Span, name func(off int) (end int, err error)) error {
	return walkRdata(t, msg[:s.End], s.Rdata, name)
}

// walkRdata goes through rdata, which begins at b[at] and ends with b, from name to
// name.
func walkRdata(t uint16, b []byte, at int, name func(at int) (end int, err error)) error {
	layout, ok := layouts[t]
	if !ok {
		return nil
	}
	for _, c := range layout {
		switch c {
		case '*':
			return nil
		case 's':
			if at >= len(b) {
				return ErrRdata
			}
			at += 1 + int(b[at])
		case 'n':
			if at > len(b) {
				return ErrRdata
			}
			var err error
			if at, err = name(at); err != nil {
				return ErrRdata
			}
		default:
			at += int(c - '0')
		}
	}
	if at != len(b) {
		return ErrRdata
	}
	return nil
}

// AppendRdata appends the canonical wire rdata of rr, which is only read. rr is
// as the library unpacks it from a message: what it cannot keep, such as rdata
// that is cut short, which it fills up with zeros, is an error. For the types
// that resolvers see most it allocates only to grow dst. What it returns with an
// error is of no use, but to be cut back to the length of dst.
func AppendRdata(dst []byte, rr dns.RR) ([]byte, error) {
	n := len(dst)
	dst, err := appendFields(dst, rr)
	if err != nil {
		return dst, err
	}
	return dst, checkLength(rr.Header(), dst[n:])
}

func appendFields(dst []byte, rr dns.RR) ([]byte, error) {
	switch v := rr.(type) {
	case *dns.A:
		if ip := v.A.To4(); ip != nil {
			return append(dst, ip...), nil
		}
		return dst, fmt.Errorf("%w: A without an IPv4 address", ErrRdata)
	case *dns.AAAA:
		if ip := v.AAAA.To16(); ip != nil {
			return append(dst, ip...), nil
		}
		return dst, fmt.Errorf("%w: AAAA without an IPv6 address", ErrRdata)
	case *dns.NS:
		return AppendName(dst, v.Ns)
	case *dns.CNAME:
		return AppendName(dst, v.Target)
	case *dns.PTR:
		return AppendName(dst, v.Ptr)
	case *dns.DNAME:
		return AppendName(dst, v.Target)
	case *dns.MX:
		return AppendName(binary.BigEndian.AppendUint16(dst, v.Preference), v.Mx)
	case *dns.SRV:
		dst = binary.BigEndian.AppendUint16(dst, v.Priority)
		dst = binary.BigEndian.AppendUint16(dst, v.Weight)
		return AppendName(binary.BigEndian.AppendUint16(dst, v.Port), v.Target)
	case *dns.SOA:
		return appendSOA(dst, v)
	case *dns.TXT:
		return appendStrings(dst, v.Txt...)
	case *dns.SVCB:
		return appendSVCB(dst, v, rr)
	case *dns.HTTPS:
		return appendSVCB(dst, &v.SVCB, rr)
	}
	return appendSeldom(dst, rr)
}

func appendSOA(dst []byte, v *dns.SOA) ([]byte, error) {
	dst, err := AppendName(dst, v.Ns)
	if err != nil {
		return dst, err
	}
	if dst, err = AppendName(dst, v.Mbox); err != nil {
		return dst, err
	}
	for _, n := range [...]uint32{v.Serial, v.Refresh, v.Retry, v.Expire, v.Minttl} {
		dst = binary.BigEndian.AppendUint32(dst, n)
	}
	return dst, nil
}

// appendSeldom appends the rdata of types that may be without any on the wire, of
// which the library then makes a record of zeros.
func appendSeldom(dst []byte, rr dns.RR) ([]byte, error) {
	n := len(dst)
	var err error
	switch v := rr.(type) {
	// The library unpacks what is behind the fields of these two as it stands,
	// but packs it as if it were in presentation form.
	case *dns.CAA:
		dst, err = appendStrings(append(dst, v.Flag), v.Tag)
		dst = append(dst, v.Value...)
	case *dns.URI:
		dst = binary.BigEndian.AppendUint16(dst, v.Priority)
		dst = append(binary.BigEndian.AppendUint16(dst, v.Weight), v.Target...)
	case *dns.HIP:
		if err = checkHIP(v); err == nil {
			dst, err = appendPacked(dst, rr)
		}
	default:
		dst, err = appendPacked(dst, rr)
	}
	if err == nil && len(dst) > n && rr.Header().Rdlength == 0 && allZero(dst[n:]) {
		err = fmt.Errorf("%w: none", ErrRdata)
	}
	return dst, err
}

func allZero(b []byte) bool {
	return !slices.ContainsFunc(b, func(c byte) bool { return c != 0 })
}

// checkLength compares rdata with what was on the wire. Only names can have
// grown, by decompression. Records that a program made tell no length.
func checkLength(h *dns.RR_Header, rdata []byte) error {
	wire := int(h.Rdlength)
	if wire == len(rdata) || wire == 0 {
		return nil
	}
	if _, names := layouts[h.Rrtype]; names && len(rdata) > wire {
		return nil
	}
	return fmt.Errorf("%w: %s of %d octets, read as %d", ErrRdata, TypeString(h.Rrtype), wire, len(rdata))
}

// appendPacked lets the library pack the whole record behind dst and keeps the
// rdata. It takes text in a record for presentation form, as a zone file has it.
func appendPacked(dst []byte, rr dns.RR) ([]byte, error) {
	n := len(dst)
	room := dns.Len(rr) + 16
	dst = slices.Grow(dst, room)
	// The library writes the length into the record, which may be another's.
	end, err := dns.PackRR(dns.Copy(rr), dst[:n+room], n, nil, false)
	if err != nil {
		return dst[:n], fmt.Errorf("%w: %w", ErrRdata, err)
	}
	owner, err := NameLen(dst[n:end])
	if err != nil {
		return dst[:n], err
	}
	const fixed = 10 // type, class, TTL, rdlength
	rdata := dst[n+owner+fixed : end]
	dst = append(dst[:n], rdata...)
	return dst, canonical(rr.Header().Rrtype, dst[n:])
}

func canonical(t uint16, rdata []byte) error { return RdataNames(t, rdata, lower) }

// CheckRdata reports whether rdata fits its type: the names inside it are
// whole, addresses have their length, and pseudo-types hold what they must.
func CheckRdata(t uint16, rdata []byte) error {
	want := -1
	switch t {
	case dns.TypeA:
		want = 4
	case dns.TypeAAAA:
		want = 16
	case TypeNODATA:
		want = 2
	case TypeNXDOMAIN:
		want = 0
	case TypeWildcard:
		return checkShape(rdata)
	}
	if want >= 0 && len(rdata) != want {
		return fmt.Errorf("%w: %s of %d octets, want %d", ErrRdata, TypeString(t), len(rdata), want)
	}
	return RdataNames(t, rdata, func([]byte) {})
}

// maxShape is how long the rdata of TypeWildcard may be.
const maxShape = 255

// checkShape reports whether rdata of TypeWildcard is a word: what can be shown and
// read back as it is.
func checkShape(rdata []byte) error {
	wrong := func(b byte) bool { return b <= ' ' || b > '~' || b == '"' || b == '\\' }
	if len(rdata) == 0 || len(rdata) > maxShape || slices.ContainsFunc(rdata, wrong) {
		return fmt.Errorf("%w: %s %.40q: want a word of at most %d characters", ErrRdata, TypeString(TypeWildcard), rdata, maxShape)
	}
	return nil
}
