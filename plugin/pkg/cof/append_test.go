package cof_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/rrset"
)

func TestAppend(t *testing.T) {
	r := &rrset.RRset{
		Owner:     rrset.MustName(`a"b.\200.example.`),
		Type:      dns.TypeTXT,
		Bailiwick: rrset.MustName("example."),
		Rdata:     [][]byte{[]byte("\x03\"\\\x01"), []byte("\x01a\x01b")},
		Figures: rrset.Figures{First: 10, Last: 20, Count: math.MaxUint64, TTLMin: 1, TTLMax: math.MaxUint32,
			Marks: rrset.HasTTL | rrset.BailiwickKnown | rrset.FromForward | rrset.FromDnstap | rrset.FromImport},
	}
	want := `{"count":18446744073709551615,"time_first":10,"time_last":20,"rrname":"a\\\"b.\\200.example.","rrtype":"TXT",` +
		`"bailiwick":"example.","rdata":["\"\\\"\\\\\\001\"","\"a\" \"b\""],"ttl_min":1,"ttl_max":4294967295,` +
		`"bailiwick_known":true,"sources":["forward","dnstap","import"]}`
	if got := string(cof.Append([]byte("> "), r)); got != "> "+want {
		t.Errorf("got  %s\nwant > %s", got, want)
	}
}

// Rdata of any octets under any type is written as valid JSON in ASCII, and
// what is read back is the same.
func TestAppendAnyRdata(t *testing.T) {
	odd := [][]byte{{}, {0}, {0xff}, {1, 'A', 0}, {0, 1, 0xc0, 0}, []byte("\x02\"\\"), []byte("\x00\x01\x00\x00\x01\x00\x03\x02\xff\""), make([]byte, 16)}
	for i := range 256 {
		odd = append(odd, []byte{1, byte(i)}, []byte{0, 1, 1, byte(i), 0})
	}
	for typ := range dns.TypeToString {
		if rrset.IsMeta(typ) {
			continue
		}
		for _, rdata := range odd {
			line := cof.Append(nil, &rrset.RRset{Owner: []byte{0}, Type: typ, Rdata: [][]byte{rdata}, Figures: rrset.Figures{Count: 1}})
			if !json.Valid(line) || !ascii(line) {
				t.Fatalf("not JSON in ASCII: %q", line)
			}
			// What does not fit its type is refused; octets of a name in upper case
			// are folded: neither is a record that the store could hold.
			r, err := cof.Decode(line)
			if err != nil || rrset.CheckRdata(typ, rdata) != nil {
				continue
			}
			again := cof.Append(nil, r)
			if string(again) != string(line) && string(r.Rdata[0]) == string(rdata) {
				t.Errorf("%s %x:\n%s\n%s", dns.TypeToString[typ], rdata, line, again)
			}
		}
	}
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

func TestAppendDoesNotAllocate(t *testing.T) {
	r := sample(t, `{"count":7,"time_first":1541428715,"time_last":1541442964,"rrname":"www.example.com.","rrtype":"A","bailiwick":"example.com.","rdata":["192.0.2.1","192.0.2.2"],"ttl_min":60,"ttl_max":300,"sources":["import"]}`)
	buf := make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(100, func() { buf = cof.Append(buf[:0], r) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func sample(t testing.TB, line string) *rrset.RRset {
	t.Helper()
	r, err := cof.Decode([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What people wrote keeps its characters; what is no UTF-8, its octets.
func TestAppendText(t *testing.T) {
	for text, want := range map[string]string{
		"":                          `""`,
		"b\u00fccher.example":       `"b\u00fccher.example"`,
		"a\"\\\x00\u20ac\U0001f600": `"a\"\\\u0000\u20ac\ud83d\ude00"`,
		"\xff\xc3":                  `"\u00ff\u00c3"`,
		"\ufffd":                    `"\ufffd"`,
	} {
		got := cof.AppendText(nil, text)
		if string(got) != want || !json.Valid(got) {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}
