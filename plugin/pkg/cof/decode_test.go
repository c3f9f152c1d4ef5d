package cof_test

import (
	"errors"
	"strings"
	"testing"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/rrset"
)

// record is the line of an A record, with more members in front.
func record(members string) string {
	return `{` + members + `"rrname":"www.example.com.","rrtype":"A","rdata":["192.0.2.1"],"time_first":1,"time_last":2}`
}

// What the field sends, and how this project writes the same.
func TestDecode(t *testing.T) {
	const usual = `{"count":1,"time_first":1,"time_last":2,"rrname":"www.example.com.","rrtype":"A","rdata":["192.0.2.1"]}`
	at := func(members string) string {
		return `{"rrname":"www.example.com","rrtype":"A","rdata":"192.0.2.1",` + members + `}`
	}
	of := func(rrtype, rdata string) string {
		return `{"count":1,"time_first":1,"time_last":2,"rrname":"x.example.","rrtype":` + rrtype + `,"rdata":` + rdata + `}`
	}
	tests := []struct{ name, line, want string }{
		{"as written", usual, usual},
		{"rdata is a string", at(`"time_first":1,"time_last":2`), usual},
		{"white space and line end", "  " + strings.ReplaceAll(usual, ":", " : ") + "\r\n", usual},
		{"unknown keys", record(`"origin":"https://x.example/","meta":{"a":[1,{"b":null}]},`), usual},
		{"null is missing", record(`"count":null,"bailiwick":null,"ttl_min":null,"sources":null,`), usual},
		{"count of 0", record(`"count":0,`), usual},
		{"escaped key", record(`"\u0063ount":1,`), usual},
		{"upper case", strings.ReplaceAll(usual, "www.example.com", "WWW.Example.COM"), usual},
		{"count as float", record(`"count":3.0,`), strings.Replace(usual, `"count":1`, `"count":3`, 1)},
		{"count as string", record(`"count":"3",`), strings.Replace(usual, `"count":1`, `"count":3`, 1)},
		{"envelope", `{"obj":` + usual + `}`, usual},
		{"envelope with condition", `{"cond":"ongoing","obj":` + usual + `}`, usual},
		{"empty bailiwick", record(`"bailiwick":"",`), usual},
		{"bailiwick", record(`"bailiwick":"example.com",`), strings.Replace(usual, `"rdata"`, `"bailiwick":"example.com.","rdata"`, 1)},
		{"one TTL", record(`"ttl_min":60,`), strings.Replace(usual, `]}`, `],"ttl_min":60,"ttl_max":60}`, 1)},
		{"foreign sources", record(`"sources":["sensor","dnstap",7],`), strings.Replace(usual, `]}`, `],"sources":["dnstap"]}`, 1)},
		{"sources of another meaning", record(`"sources":3,`), usual},

		{"zone times", at(`"zone_time_first":1,"zone_time_last":2`), usual},
		{"both pairs of times", at(`"time_first":2,"time_last":2,"zone_time_first":1,"zone_time_last":1`), usual},
		{"RFC 3339", at(`"time_first":"1970-01-01T00:00:01Z","time_last":"1970-01-01T01:00:02+01:00"`), usual},
		{"date and time", at(`"time_first":"1970-01-01 00:00:01","time_last":"1970-01-01T00:00:02"`), usual},
		{"seconds in a string", at(`"time_first":"1","time_last":"2"`), usual},
		{"fractions of seconds", at(`"time_first":1.25,"time_last":2.75`), usual},
		{"a date", at(`"time_first":"1970-01-01","time_last":"1970-01-01 00:00:02"`), strings.Replace(usual, `"time_first":1`, `"time_first":0`, 1)},

		{"type by number", of(`15`, `"10 mx.example"`), of(`"MX"`, `["10 mx.example."]`)},
		{"type by number in a string", of(`"15"`, `"10 mx.example"`), of(`"MX"`, `["10 mx.example."]`)},
		{"type as TYPEnnn", of(`"type2"`, `"NS.example"`), of(`"NS"`, `["ns.example."]`)},
		{"unknown type", of(`"TYPE65300"`, `"\\# 3 01 02 03"`), of(`"TYPE65300"`, `["\\# 3 010203"]`)},
		{"highest type", of(`65535`, `"\\# 1 ff"`), of(`"TYPE65535"`, `["\\# 1 ff"]`)},
		{"known type in unknown form", of(`"A"`, `"\\# 4 c0000201"`), of(`"A"`, `["192.0.2.1"]`)},
		{"sorted, no duplicates", of(`"A"`, `["192.0.2.9","192.0.2.1","192.0.2.9"]`), of(`"A"`, `["192.0.2.1","192.0.2.9"]`)},
		{"AAAA", of(`"AAAA"`, `"2001:DB8:0::1"`), of(`"AAAA"`, `["2001:db8::1"]`)},
		{"mapped AAAA", of(`"AAAA"`, `"::ffff:192.0.2.1"`), of(`"AAAA"`, `["::ffff:192.0.2.1"]`)},
		{"SOA", of(`"SOA"`, `"ns.example hm.example 1 2 3 4 5"`), of(`"SOA"`, `["ns.example. hm.example. 1 2 3 4 5"]`)},
		{"SRV", of(`"SRV"`, `"1 2 3 t.example"`), of(`"SRV"`, `["1 2 3 t.example."]`)},
		{"HTTPS", of(`"HTTPS"`, `"1 . alpn=h2,h3 ipv4hint=192.0.2.1"`), of(`"HTTPS"`, `["1 . alpn=\"h2,h3\" ipv4hint=\"192.0.2.1\""]`)},
		{"CAA", of(`"CAA"`, `"0 issue \"ca.example\""`), of(`"CAA"`, `["0 issue \"ca.example\""]`)},
		{"TXT in quotes", of(`"TXT"`, `"\"a b\"  \"\" \"c\\\"\\\\\\200\""`), of(`"TXT"`, `["\"a b\" \"\" \"c\\\"\\\\\\200\""]`)},
		{"TXT without quotes", of(`"TXT"`, `"v=spf1 a:\"x\" ;-all"`), of(`"TXT"`, `["\"v=spf1 a:\\\"x\\\" ;-all\""]`)},
		{"TXT in UTF-8", of(`"TXT"`, `"\u00fc"`), of(`"TXT"`, `["\"\\195\\188\""]`)},
		{"long TXT", of(`"TXT"`, `"`+strings.Repeat("x", 300)+`"`), of(`"TXT"`, `["\"`+strings.Repeat("x", 255)+`\" \"`+strings.Repeat("x", 45)+`\""]`)},
		{"empty TXT", of(`"TXT"`, `""`), of(`"TXT"`, `["\"\""]`)},
		{"TXT of no string", of(`"TXT"`, `"\\# 0"`), of(`"TXT"`, `["\\# 0 "]`)},
		{"NXDOMAIN", of(`"NXDOMAIN"`, `[]`), of(`"NXDOMAIN"`, `[""]`)},
		{"NXDOMAIN as written", of(`"NXDOMAIN"`, `[""]`), of(`"NXDOMAIN"`, `[""]`)},
		{"NXDOMAIN by number", of(`65321`, `"\\# 0"`), of(`"NXDOMAIN"`, `[""]`)},
		{"NODATA", of(`"NODATA"`, `"AAAA"`), of(`"NODATA"`, `["AAAA"]`)},
		{"NODATA as unknown type", of(`"TYPE65322"`, `"\\# 2 001c"`), of(`"NODATA"`, `["AAAA"]`)},
		{"CAA with backslashes", of(`"CAA"`, `"0 issue \"a\\\\b\\\"\""`), of(`"CAA"`, `["0 issue \"a\\\\b\\\"\""]`)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := cof.Decode([]byte(tt.line))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(cof.Append(nil, r)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestDecodeNames(t *testing.T) {
	line := `{"rrname":".","rrtype":"NS","rdata":"a\\.b\\032c.\\000.example","time_first":1,"time_last":1,"bailiwick":"."}`
	r, err := cof.Decode([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	if string(r.Owner) != "\x00" || string(r.Bailiwick) != "\x00" {
		t.Errorf("owner %q, bailiwick %q, want the root", r.Owner, r.Bailiwick)
	}
	if got, want := string(r.Rdata[0]), "\x05a.b c\x01\x00\x07example\x00"; got != want {
		t.Errorf("rdata %q, want %q", got, want)
	}
}

func TestDecodeNXDOMAIN(t *testing.T) {
	for _, rdata := range []string{``, `,"rdata":[]`, `,"rdata":""`, `,"rdata":["",""]`} {
		r, err := cof.Decode([]byte(`{"rrname":"a.","rrtype":"NXDOMAIN","time_first":1,"time_last":1` + rdata + `}`))
		if err != nil || len(r.Rdata) != 0 {
			t.Errorf("%s: %v, %v, want no rdata", rdata, r, err)
		}
	}
}

func TestDecodeNothing(t *testing.T) {
	for _, line := range []string{"", " \r\n", "{}", `{"cond":"begin"}`, `{"cond":"succeeded"}`, `{"cond":"limited","msg":"Result limit reached"}`} {
		if r, err := cof.Decode([]byte(line)); r != nil || err != nil {
			t.Errorf("%q: %v, %v, want nothing", line, r, err)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	tests := []struct{ line, want string }{
		{`nonsense`, `bad JSON at offset 1: `},
		{`{"count":1`, `bad JSON at offset 10: `},
		{`{"count":1,}`, `bad JSON at offset `},
		{`{"count":}`, `count: bad JSON at offset 9: `},
		{`{"rdata":["a"`, `rdata: bad JSON at offset 13: `},
		{"{\"rrname\":\"\xff\"}", `rrname: bad JSON at offset 11: `},
		{`{"rrname":"a","rrname":"b"}`, `bad JSON at offset `},
		{record("") + `{}`, `more than one object`},
		{`[]`, `an array, want an object`},
		{`{"obj":7}`, `a number, want an object`},
		{`{"x":1}`, `rrname: missing`},
		{`{"cond":"failed","msg":"Processing timeout"}`, `cond: the source failed, the answer is incomplete: Processing timeout`},
		{record(`"count":-1,`), `count: "-1", want a whole number from 0 to `},
		{record(`"count":1.5,`), `count: "1.5", want a whole number`},
		{record(`"count":[],`), `count: an array, want a string`},
		{record(`"ttl_min":4294967296,`), `ttl_min: "4294967296", want a whole number from 0 to 4294967295`},
		{record(`"ttl_min":5,"ttl_max":4,`), `ttl_max: 4 is below ttl_min 5`},
		{record(`"bailiwick_known":"yes",`), `bailiwick_known: a string, want true or false`},
		{record(`"bailiwick":"example.net",`), `bailiwick: example.net., want www.example.com. or a zone above it`},
		{record(`"bailiwick":"a..b",`), `bailiwick: malformed name`},
		{`{"rrname":"` + strings.Repeat("a", 64) + `.example"}`, `rrname: malformed name`},
		{`{"rrname":"` + strings.Repeat("a.", 600) + `"}`, `rrname: 1200 characters, want at most 1020`},
		{`{"rrname":true}`, `rrname: true, want a string`},
		{`{"rrname":""}`, `rrname: malformed name`},
		{`{"rrname":"a."}`, `rrtype: missing`},
		{`{"rrname":"a.","rrtype":"B"}`, `rrtype: unknown type "B"`},
		{`{"rrname":"a.","rrtype":"ANY"}`, `rrtype: ANY, want a type that can be data`},
		{`{"rrname":"a.","rrtype":0}`, `rrtype: `},
		{`{"rrname":"a.","rrtype":"A"}`, `rdata: missing`},
		{`{"rrname":"a.","rrtype":"A","rdata":["192.0.2.1"],"time_first":1,"time_last":1,"note":"rdata does not fit: 9 more"}`,
			`note: "rdata does not fit: 9 more": an excerpt of the query zone, want all of it, from pdns export or pdns lookup --json`},
		{`{"note":"more","next":"a._offset-1._pdns.local."}`, `note: "more": an excerpt`},
		{`{"rrname":"a.","rrtype":"A","rdata":[7]}`, `rdata: a number in the array, want strings`},
		{`{"rrname":"a.","rrtype":"A","rdata":{}}`, `rdata: an object, want a string`},
		{`{"rrname":"a.","rrtype":"A","rdata":"::1"}`, `rdata: A: malformed rdata: "::1" is no IPv4 address`},
		{`{"rrname":"a.","rrtype":"AAAA","rdata":"192.0.2.1"}`, `rdata: AAAA: malformed rdata: "192.0.2.1" is no IPv6 address`},
		{`{"rrname":"a.","rrtype":"AAAA","rdata":"fe80::1%eth0"}`, `is no IPv6 address`},
		{`{"rrname":"a.","rrtype":"MX","rdata":"mx.example."}`, `rdata: MX: malformed rdata: "mx.example.", want a preference and a name`},
		{`{"rrname":"a.","rrtype":"SRV","rdata":"1 2 t.example."}`, `rdata: SRV: malformed rdata`},
		{`{"rrname":"a.","rrtype":"NS","rdata":""}`, `rdata: NS: malformed name`},
		{`{"rrname":"a.","rrtype":"NXDOMAIN","rdata":"x"}`, `rdata: NXDOMAIN: malformed rdata`},
		{`{"rrname":"a.","rrtype":"TXT","rdata":"\"x"}`, `rdata: TXT: malformed rdata: no closing quote`},
		{`{"rrname":"a.","rrtype":"TXT","rdata":"\"x\" y"}`, `rdata: TXT: malformed rdata: "y" behind a quoted string`},
		{`{"rrname":"a.","rrtype":"TXT","rdata":"` + strings.Repeat("x", 66000) + `"}`, `rdata: TXT: malformed rdata: 66000 characters that begin "xxx`},
		{`{"rrname":"a.","rrtype":"A","rdata":"192.0.2.1"}`, `time_first: missing`},
		{`{"rrname":"a.","rrtype":"A","rdata":"192.0.2.1","time_first":1}`, `time_last: missing`},
		{`{"rrname":"a.","rrtype":"A","rdata":"192.0.2.1","zone_time_last":1}`, `zone_time_first: missing`},
		{`{"time_first":1541428715000}`, `time_first: "1541428715000", want Unix seconds or 2019-08-01T10:00:00Z`},
		{`{"time_first":-1}`, `time_first: "-1", want Unix seconds`},
		{`{"time_first":"yesterday"}`, `time_first: "yesterday", want Unix seconds`},
		{strings.Replace(record(""), `"time_first":1`, `"time_first":3`, 1),
			`time_last: 1970-01-01T00:00:02Z is before time_first 1970-01-01T00:00:03Z`},
	}
	for _, tt := range tests {
		r, err := cof.Decode([]byte(tt.line))
		if err == nil {
			t.Errorf("%.100s: decoded to %s", tt.line, cof.Append(nil, r))
			continue
		}
		if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.100s:\n got %v\nwant %s", tt.line, err, tt.want)
		}
	}
}

func TestDecodeErrorsKeepTheirCause(t *testing.T) {
	_, err := cof.Decode([]byte(`{"rrname":"a.","rrtype":"A","rdata":"x"}`))
	if !errors.Is(err, rrset.ErrRdata) {
		t.Errorf("%v is not rrset.ErrRdata", err)
	}
	_, err = cof.Decode([]byte(`{"rrname":"a..b"}`))
	if !errors.Is(err, rrset.ErrName) {
		t.Errorf("%v is not rrset.ErrName", err)
	}
}

func TestDecodeManyRdata(t *testing.T) {
	var b strings.Builder
	for i := range 60000 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"192.0.`)
		b.WriteString([]string{"2", "3"}[i%2])
		b.WriteString(`.1"`)
	}
	r, err := cof.Decode([]byte(`{"rrname":"a.","rrtype":"A","time_first":1,"time_last":1,"rdata":[` + b.String() + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rdata) != 2 {
		t.Errorf("%d rdata, want 2", len(r.Rdata))
	}
}
