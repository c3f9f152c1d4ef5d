package rrset

import (
	"encoding/binary"
	"slices"

	"github.com/miekg/dns"
)

// appendSVCB packs SVCB and HTTPS (RFC 9460) without the copies that the
// library makes of every parameter: browsers ask for HTTPS as often as for A.
// What it does not know, or finds out of order, it leaves to the library.
func appendSVCB(dst []byte, v *dns.SVCB, rr dns.RR) ([]byte, error) {
	n := len(dst)
	out, err := AppendName(binary.BigEndian.AppendUint16(dst, v.Priority), v.Target)
	if err != nil {
		return dst, err
	}
	last := -1
	for _, kv := range v.Value {
		key := kv.Key()
		if int(key) <= last {
			return appendPacked(dst[:n], rr)
		}
		last = int(key)
		out = append(out, byte(key>>8), byte(key), 0, 0)
		start := len(out)
		var ok bool
		if out, ok = appendParam(out, kv); !ok {
			return appendPacked(dst[:n], rr)
		}
		binary.BigEndian.PutUint16(out[start-2:], uint16(len(out)-start))
	}
	return out, nil
}

func appendParam(dst []byte, kv dns.SVCBKeyValue) ([]byte, bool) {
	switch p := kv.(type) {
	case *dns.SVCBAlpn:
		for _, id := range p.Alpn {
			if len(id) == 0 || len(id) > 255 {
				return dst, false
			}
			dst = append(append(dst, byte(len(id))), id...)
		}
	case *dns.SVCBNoDefaultAlpn, *dns.SVCBOhttp:
	case *dns.SVCBPort:
		dst = binary.BigEndian.AppendUint16(dst, p.Port)
	case *dns.SVCBIPv4Hint:
		for _, ip := range p.Hint {
			four := ip.To4()
			if four == nil {
				return dst, false
			}
			dst = append(dst, four...)
		}
	case *dns.SVCBIPv6Hint:
		for _, ip := range p.Hint {
			if len(ip) != 16 {
				return dst, false
			}
			dst = append(dst, ip...)
		}
	case *dns.SVCBECHConfig:
		dst = append(dst, p.ECH...)
	case *dns.SVCBDoHPath:
		dst = append(dst, p.Template...)
	case *dns.SVCBLocal:
		dst = append(dst, p.Data...)
	case *dns.SVCBMandatory:
		if !slices.IsSorted(p.Code) {
			return dst, false
		}
		for _, key := range p.Code {
			dst = binary.BigEndian.AppendUint16(dst, uint16(key))
		}
	default:
		return dst, false
	}
	return dst, true
}
