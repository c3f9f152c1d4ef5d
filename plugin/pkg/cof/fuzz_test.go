package cof_test

import (
	"reflect"
	"testing"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/rrset"
)

// Whatever the line, Decode does not panic; what it gave has canonical parts,
// and is the same after Append and Decode.
func FuzzDecode(f *testing.F) {
	for _, rr := range []string{
		`"rrtype":"A","rdata":["192.0.2.1","192.0.2.2"],"bailiwick":"example.","bailiwick_known":true,"sources":["forward","import"]`,
		`"rrtype":"TXT","rdata":"v=spf1 \\200 \u00e9 -all"`,
		`"rrtype":"TXT","rdata":["\"a\" \"b\\\"\"","\\# 2 0141"]`,
		`"rrtype":"SOA","rdata":"ns.example hm.example 1 2 3 4 5"`,
		`"rrtype":65,"rdata":"1 . alpn=h2 key667=\"a\\,b\""`,
		`"rrtype":"CAA","rdata":"0 issue \"ca.example; x=y\""`,
		`"rrtype":"NAPTR","rdata":"1 2 \"u\" \"E2U+sip\" \"!^.*$!sip:x@example!\" ."`,
		`"rrtype":"RRSIG","rdata":"A 8 2 3600 20300101000000 20290101000000 1 example. AAAA"`,
		`"rrtype":"LOC","rdata":"51 30 12.748 N 0 7 39.612 W 0.00m"`,
		`"rrtype":"NODATA","rdata":"AAAA"`,
		`"rrtype":"NXDOMAIN"`,
		`"rrtype":"TYPE65535","rdata":"\\# 0"`,
	} {
		f.Add([]byte(`{"rrname":"Www.Example","count":3,"time_first":"2019-08-01T10:00:00Z","time_last":1600000000.5,"ttl_max":9,` + rr + `}`))
	}
	f.Add([]byte(`{"cond":"begin","obj":{"rrname":".","rrtype":"NS","rdata":"a.","zone_time_first":1,"zone_time_last":2}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := cof.Decode(line)
		if err != nil || r == nil {
			return
		}
		for _, rdata := range r.Rdata {
			if err := rrset.CheckRdata(r.Type, rdata); err != nil {
				t.Errorf("%s %x: %v", rrset.TypeString(r.Type), rdata, err)
			}
		}
		if err := rrset.CheckName(r.Owner); err != nil {
			t.Errorf("owner %x: %v", r.Owner, err)
		}
		again := cof.Append(nil, r)
		back, err := cof.Decode(again)
		if err != nil {
			t.Fatalf("%q: %v", again, err)
		}
		if !reflect.DeepEqual(normal(r), normal(back)) {
			t.Errorf("%q\n%q: %+v\n%+v", line, again, r, back)
		}
	})
}

// normal is r without the difference between empty and nil octets.
func normal(r *rrset.RRset) *rrset.RRset {
	c := r.Clone()
	for i, rdata := range c.Rdata {
		c.Rdata[i] = append([]byte{}, rdata...)
	}
	return c
}
