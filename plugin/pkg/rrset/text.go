package rrset

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// RdataString is the presentation form of rdata, names with their final dot;
// ParseRdata reads it back. Rdata that does not fit its type, or has no form that
// can be read back, is given as unknown (RFC 3597, section 5).
func RdataString(t uint16, rdata []byte) string {
	switch {
	case t == TypeNXDOMAIN:
		return ""
	case t == TypeNODATA && len(rdata) == 2:
		return TypeString(binary.BigEndian.Uint16(rdata))
	case t == TypeWildcard && CheckRdata(t, rdata) == nil:
		return string(rdata)
	}
	rr, err := ToRR([]byte{0}, t, 0, rdata)
	if _, unknown := rr.(*dns.RFC3597); err == nil && !unknown {
		s := strings.TrimPrefix(rr.String(), rr.Header().String())
		if readable(t) || readsBack(t, s, rdata) {
			return s
		}
	}
	return fmt.Sprintf("\\# %d %x", len(rdata), rdata)
}

// readable reports whether text of a type can always be read back. It saves the
// attempt for the types that resolvers see most.
func readable(t uint16) bool {
	switch t {
	case dns.TypeA, dns.TypeAAAA, dns.TypeNS, dns.TypeCNAME, dns.TypePTR, dns.TypeDNAME, dns.TypeMX, dns.TypeSOA, dns.TypeSRV:
		return true
	}
	return false
}

func readsBack(t uint16, s string, rdata []byte) bool {
	back, err := ParseRdata(t, s)
	return err == nil && bytes.Equal(back, rdata)
}

// ToRR is the record of class IN that one rdata of an RRset makes, to be packed
// or printed by the library.
func ToRR(owner []byte, t uint16, ttl uint32, rdata []byte) (dns.RR, error) {
	if err := CheckRdata(t, rdata); err != nil { // the library takes none for any
		return nil, err
	}
	h := dns.RR_Header{Name: NameString(owner), Rrtype: t, Class: dns.ClassINET, Ttl: ttl, Rdlength: uint16(len(rdata))}
	rr, off, err := dns.UnpackRRWithHeader(h, rdata, 0)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRdata, err)
	}
	if off != len(rdata) {
		return nil, fmt.Errorf("%w: %d octets behind it", ErrRdata, len(rdata)-off)
	}
	fits := true
	switch v := rr.(type) {
	case *dns.CAA:
		v.Value, fits = presented(v.Value)
	case *dns.URI:
		v.Target, fits = presented(v.Target)
	}
	if !fits {
		return &dns.RFC3597{Hdr: h, Rdata: hex.EncodeToString(rdata)}, nil
	}
	return rr, nil
}

// presented is the presentation form of octets that the library unpacks as they
// stand, and whether that is short enough for it to be packed again.
func presented(octets string) (string, bool) {
	const most = 4 * 256
	s := strings.ReplaceAll(octets, `\`, `\\`)
	return s, len(s) <= most
}

// ParseRdata is the inverse of RdataString: canonical wire rdata.
func ParseRdata(t uint16, s string) ([]byte, error) {
	if rest, ok := strings.CutPrefix(s, `\# `); ok {
		return parseUnknown(t, rest)
	}
	switch t {
	case TypeNXDOMAIN:
		if s != "" {
			return nil, fmt.Errorf("%w: NXDOMAIN has none, not %q", ErrRdata, s)
		}
		return []byte{}, nil
	case TypeNODATA:
		asked, err := ParseType(s)
		if err != nil {
			return nil, err
		}
		return binary.BigEndian.AppendUint16(nil, asked), nil
	case TypeWildcard:
		return []byte(s), CheckRdata(t, []byte(s))
	}
	// A zone parser would take these for the end of the record or for more of them.
	if strings.ContainsAny(s, "\n\r\x00") {
		return nil, fmt.Errorf("%w: control character in %q", ErrRdata, s)
	}
	rr, err := dns.NewRR(". 0 IN " + TypeString(t) + " " + s)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRdata, err)
	}
	if rr == nil || rr.Header().Rrtype != t {
		return nil, fmt.Errorf("%w: %q is no rdata of %s", ErrRdata, s, TypeString(t))
	}
	return appendPacked(nil, rr)
}

// parseUnknown reads what follows \# in RFC 3597's form: a length and hex.
func parseUnknown(t uint16, s string) ([]byte, error) {
	var n int
	fields := strings.Fields(s)
	if len(fields) == 0 {
		return nil, fmt.Errorf(`%w: want \# LENGTH HEX`, ErrRdata)
	}
	if _, err := fmt.Sscanf(fields[0], "%d", &n); err != nil {
		return nil, fmt.Errorf("%w: length %q", ErrRdata, fields[0])
	}
	rdata, err := hex.DecodeString(strings.Join(fields[1:], ""))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRdata, err)
	}
	if len(rdata) != n {
		return nil, fmt.Errorf("%w: %d octets where %d are announced", ErrRdata, len(rdata), n)
	}
	if err := canonical(t, rdata); err != nil {
		return nil, err
	}
	return rdata, CheckRdata(t, rdata)
}
