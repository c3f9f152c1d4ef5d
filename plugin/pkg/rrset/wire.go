package rrset

import (
	"encoding/binary"
	"fmt"

	"github.com/miekg/dns"
)

// maxPointers is how many compression pointers a name may follow: as many as the
// library for messages lets it, and more than any name has labels.
const maxPointers = 126

// lowered maps octets to those of lower case.
var lowered = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
	}
	lower(t[:])
	return t
}()

// AppendWireName appends the canonical form of the name at msg[off], decompressed
// (RFC 1035, section 4.1.4), and returns where in msg it ends. It allocates only
// to grow dst.
func AppendWireName(dst, msg []byte, off int) (name []byte, next int, err error) {
	n, jumps := len(dst), 0
	for off < len(msg) {
		c := int(msg[off])
		switch {
		case c == 0:
			if jumps == 0 {
				next = off + 1
			}
			return append(dst, 0), next, nil
		case c <= maxLabel:
			end := off + 1 + c
			if end > len(msg) {
				return dst[:n], 0, fmt.Errorf("%w: cut off", ErrName)
			}
			if len(dst)-n+1+c >= maxName {
				return dst[:n], 0, fmt.Errorf("%w: longer than %d octets", ErrName, maxName)
			}
			for _, b := range msg[off:end] { // no length is a letter
				dst = append(dst, lowered[b])
			}
			off = end
		case c < 0xC0:
			return dst[:n], 0, fmt.Errorf("%w: octet %#x before a label", ErrName, c)
		default:
			if off+1 >= len(msg) {
				return dst[:n], 0, fmt.Errorf("%w: cut off", ErrName)
			}
			if jumps == 0 {
				next = off + 2
			}
			if jumps++; jumps > maxPointers {
				return dst[:n], 0, fmt.Errorf("%w: more than %d pointers", ErrName, maxPointers)
			}
			off = (c&0x3F)<<8 | int(msg[off+1])
		}
	}
	return dst[:n], 0, fmt.Errorf("%w: cut off", ErrName)
}

// A Span is where a record lies in a message: its owner begins at Owner, its
// rdata at Rdata, and that ends before End.
type Span struct{ Owner, Rdata, End int }

// AppendWireRdata appends the canonical rdata of a record that lies in msg. The
// types that resolvers see most it reads itself, and allocates only to grow dst;
// the others the library unpacks. What it returns with an error is of no use, but
// to be cut back to the length of dst.
func AppendWireRdata(dst, msg []byte, s Span, t uint16) ([]byte, error) {
	rdata := msg[s.Rdata:s.End]
	switch t {
	case dns.TypeA:
		return appendOctets(dst, rdata, 4)
	case dns.TypeAAAA:
		return appendOctets(dst, rdata, 16)
	case dns.TypeTXT:
		return appendWireStrings(dst, rdata)
	case dns.TypeNS, dns.TypeCNAME, dns.TypePTR, dns.TypeDNAME:
		return appendWireNames(dst, msg[:s.End], s.Rdata, 0, 1, 0)
	case dns.TypeMX:
		return appendWireNames(dst, msg[:s.End], s.Rdata, 2, 1, 0)
	case dns.TypeSRV:
		return appendWireNames(dst, msg[:s.End], s.Rdata, 6, 1, 0)
	case dns.TypeSOA:
		return appendWireNames(dst, msg[:s.End], s.Rdata, 0, 2, 20)
	case dns.TypeHIP:
		return appendWireHIP(dst, rdata)
	case dns.TypeSVCB, dns.TypeHTTPS:
		if out, ok := appendWireSVCB(dst, msg[:s.End], s.Rdata); ok {
			return out, nil
		}
	}
	rr, end, err := dns.UnpackRR(msg, s.Owner)
	switch {
	case err != nil:
		return dst, fmt.Errorf("%w: %w", ErrRdata, err)
	case end != s.End:
		return dst, fmt.Errorf("%w: %s ends %d octets off", ErrRdata, TypeString(t), end-s.End)
	}
	return AppendRdata(dst, rr)
}

func appendOctets(dst, rdata []byte, want int) ([]byte, error) {
	if len(rdata) != want {
		return dst, fmt.Errorf("%w: %d octets, want %d", ErrRdata, len(rdata), want)
	}
	return append(dst, rdata...), nil
}

func appendWireStrings(dst, rdata []byte) ([]byte, error) {
	for rest := rdata; len(rest) > 0; rest = rest[1+int(rest[0]):] {
		if len(rest) <= int(rest[0]) {
			return dst, fmt.Errorf("%w: string of %d octets, %d are left", ErrRdata, rest[0], len(rest)-1)
		}
	}
	return append(dst, rdata...), nil
}

// appendWireNames appends rdata that begins at msg[at] and ends with msg: some
// octets, names, and octets again.
func appendWireNames(dst, msg []byte, at, before, names, after int) ([]byte, error) {
	if at+before > len(msg) {
		return dst, fmt.Errorf("%w: cut off", ErrRdata)
	}
	dst = append(dst, msg[at:at+before]...)
	at += before
	for range names {
		var err error
		if dst, at, err = AppendWireName(dst, msg, at); err != nil {
			return dst, fmt.Errorf("%w: %w", ErrRdata, err)
		}
	}
	if at+after != len(msg) {
		return dst, fmt.Errorf("%w: %d octets behind the last name, want %d", ErrRdata, len(msg)-at, after)
	}
	return append(dst, msg[at:]...), nil
}

// Header octets of a record behind its owner (RFC 1035, section 4.1.3).
const fixedHeader = 10

// A WireRecord is a record in a message, its name and rdata not yet read.
type WireRecord struct {
	Span
	Type, Class uint16
	TTL         uint32
}

// NextWireRecord reads the record at msg[off] as far as its bounds go; the next
// one begins at its End.
func NextWireRecord(msg []byte, off int) (WireRecord, error) {
	at, err := SkipWireName(msg, off)
	if err != nil {
		return WireRecord{}, err
	}
	if at+fixedHeader > len(msg) {
		return WireRecord{}, fmt.Errorf("record at octet %d is cut off", off)
	}
	h := msg[at : at+fixedHeader]
	r := WireRecord{
		Span:  Span{Owner: off, Rdata: at + fixedHeader},
		Type:  binary.BigEndian.Uint16(h),
		Class: binary.BigEndian.Uint16(h[2:]),
		TTL:   binary.BigEndian.Uint32(h[4:]),
	}
	r.End = r.Rdata + int(binary.BigEndian.Uint16(h[8:]))
	if r.End > len(msg) {
		return WireRecord{}, fmt.Errorf("rdata of the record at octet %d ends %d octets behind the message", off, r.End-len(msg))
	}
	return r, nil
}

// LowerWireName brings the labels of the name at msg[off] into lower case in place,
// as far as they stand there; pointers are not followed.
func LowerWireName(msg []byte, off int) {
	for off < len(msg) && msg[off] != 0 && msg[off] <= maxLabel {
		end := min(off+1+int(msg[off]), len(msg))
		lower(msg[off:end])
		off = end
	}
}

// SkipWireName returns where the name at msg[off] ends; pointers are not followed.
func SkipWireName(msg []byte, off int) (int, error) {
	end, _, err := WirePointer(msg, off)
	return end, err
}

// WirePointer returns where the name at msg[off] ends, and where the pointer leads
// that it ends in: -1 for a name without one. It is not followed.
func WirePointer(msg []byte, off int) (end, to int, err error) {
	for off < len(msg) {
		switch c := int(msg[off]); {
		case c == 0:
			return off + 1, -1, nil
		case c <= maxLabel:
			off += 1 + c
		case c >= 0xC0 && off+1 < len(msg):
			return off + 2, (c&0x3F)<<8 | int(msg[off+1]), nil
		default:
			return 0, -1, fmt.Errorf("%w: octet %#x before a label", ErrName, c)
		}
	}
	return 0, -1, fmt.Errorf("%w: cut off", ErrName)
}
