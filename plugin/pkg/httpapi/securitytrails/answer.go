package securitytrails

import (
	"encoding/binary"
	"strconv"
	"time"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/httpapi/period"
	"example.org/pdns/plugin/pkg/rrset"
)

// answer gives the page of periods with a number, from 1.
func answer(x *dialect.Exchange, full string, ps []period.Period, number int) error {
	size := x.Limit(pageSize)
	pages := (len(ps) + size - 1) / size
	first := len(ps)
	if number <= pages {
		first = (number - 1) * size
	}
	head := append([]byte(`{"endpoint":`), cof.AppendString(nil, x.Request.URL.EscapedPath())...)
	head = append(cof.AppendString(append(head, `,"type":`...), full), `,"records":[`...)
	a := x.Array(string(head))
	for i := first; i < min(first+size, len(ps)); i++ {
		if err := a.Add(func(dst []byte) []byte { return appendRecord(dst, &ps[i]) }); err != nil {
			return err
		}
	}
	return a.End(nil, func(dst []byte) []byte {
		return append(strconv.AppendInt(append(dst, `],"pages":`...), int64(pages), 10), "}\n"...)
	})
}

func appendRecord(dst []byte, p *period.Period) []byte {
	dst = append(dst, `{"values":[`...)
	for i, rdata := range p.Rdata {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendValue(append(dst, '{'), p, rdata), '}')
	}
	dst = append(dst, `],"type":"`...)
	dst = append(dst, names[p.Type]...)
	dst = append(dst, `","organizations":[],"first_seen":"`...)
	dst = appendDay(dst, p.First)
	dst = append(dst, `","last_seen":"`...)
	return append(appendDay(dst, p.Last), `"}`...)
}

func appendDay(dst []byte, at int64) []byte {
	return time.Unix(at, 0).UTC().AppendFormat(dst, time.DateOnly)
}

// names are the types as paths have them.
var names = func() map[uint16]string {
	m := map[uint16]string{}
	for name, kind := range kinds {
		m[kind.rtype] = name
	}
	return m
}()

// appendValue appends the keys of one value.
func appendValue(dst []byte, p *period.Period, rdata []byte) []byte {
	switch p.Type {
	case dns.TypeA:
		return append(cof.AppendRdata(append(dst, `"ip":`...), p.Type, rdata), `,"ip_count":null`...)
	case dns.TypeAAAA:
		return append(cof.AppendRdata(append(dst, `"ipv6":`...), p.Type, rdata), `,"ipv6_count":null`...)
	case dns.TypeNS:
		return append(dialect.AppendHost(append(dst, `"nameserver":`...), rdata), `,"nameserver_count":null`...)
	case dns.TypeMX:
		return appendExchange(dst, rdata)
	case dns.TypeSOA:
		return appendAuthority(dst, p, rdata)
	case dns.TypeTXT:
		return cof.AppendString(append(dst, `"value":`...), joined(rdata))
	}
	return cof.AppendRdata(append(dst, `"value":`...), p.Type, rdata)
}

// appendExchange appends an MX; one that does not fit its type as other text.
func appendExchange(dst, rdata []byte) []byte {
	if len(rdata) < 2 || rrset.CheckName(rdata[2:]) != nil {
		return cof.AppendRdata(append(dst, `"value":`...), dns.TypeMX, rdata)
	}
	dst = append(dialect.AppendHost(append(dst, `"host":`...), rdata[2:]), `,"host_count":null,"priority":`...)
	return strconv.AppendUint(dst, uint64(binary.BigEndian.Uint16(rdata)), 10)
}

// appendAuthority appends the mailbox of an SOA, as the name that it is written as,
// and the highest TTL that was seen of it.
func appendAuthority(dst []byte, p *period.Period, rdata []byte) []byte {
	var held [][]byte
	if err := rrset.RdataNames(p.Type, rdata, func(name []byte) { held = append(held, name) }); err != nil || len(held) != 2 {
		return cof.AppendRdata(append(dst, `"value":`...), p.Type, rdata)
	}
	dst = append(dialect.AppendHost(append(dst, `"email":`...), held[1]), `,"email_count":null`...)
	if p.Marks&rrset.HasTTL == 0 {
		return dst
	}
	return strconv.AppendUint(append(dst, `,"ttl":`...), uint64(p.TTLMax), 10)
}

// joined is the strings of a TXT as the one text that they make.
func joined(rdata []byte) string {
	var text []byte
	for len(rdata) > 0 {
		n := min(1+int(rdata[0]), len(rdata))
		text, rdata = append(text, rdata[1:n]...), rdata[n:]
	}
	return string(text)
}
