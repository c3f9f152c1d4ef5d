package pdnsquery_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"example.org/pdns/plugin/pkg/rrset"
)

// large are RRsets of the size of a whole message: many members, and one of many
// strings that hold every octet.
func large() []*rrset.RRset {
	many := &rrset.RRset{Owner: rrset.MustName("many.example"), Type: dns.TypeA, Bailiwick: rrset.MustName("example")}
	for i := range 4000 {
		many.Rdata = append(many.Rdata, []byte{203, 200, byte(100 + i/150), byte(100 + i%150)})
	}
	long := &rrset.RRset{Owner: rrset.MustName("long.example"), Type: dns.TypeTXT, Rdata: [][]byte{nil}}
	for i := 0; len(long.Rdata[0]) < 61_000; i++ {
		long.Rdata[0] = append(long.Rdata[0], 255)
		for j := range 255 {
			long.Rdata[0] = append(long.Rdata[0], byte(i+j))
		}
	}
	for _, r := range []*rrset.RRset{many, long} {
		r.Rdata = rrset.SortRdata(r.Rdata)
		r.First, r.Last, r.Count = noon(1), noon(2), 2
	}
	return []*rrset.RRset{many, long}
}

// TestLarge: what no TXT record holds is given with its figures, with as much of
// its rdata as fits, and says so; as a page and as a transfer.
func TestLarge(t *testing.T) {
	rrsets := large()
	s := start(t, "_pdns.local:0 {\n pdnsquery "+history(t, rrsets...)+"\n transfer {\n to *\n }\n}")
	for _, r := range rrsets {
		owner := rrset.NameString(r.Owner)
		for _, name := range []string{owner + "_pdns.local", "*." + owner + "_pdns.local"} {
			answer := s.ask("tcp", name, dns.TypeTXT)
			if answer.Rcode != dns.RcodeSuccess || answer.Truncated || len(answer.Answer) != 1 {
				t.Fatalf("%s: %d records, truncated %v", name, len(answer.Answer), answer.Truncated)
			}
			checkLarge(t, r, answer.Answer[0].(*dns.TXT))
			checkLarge(t, r, s.only(name))
		}
		answer := s.ask("tcp", owner+"_json._pdns.local", dns.TypeTXT)
		if len(answer.Answer) != 1 {
			t.Fatalf("%s: %d objects", owner, len(answer.Answer))
		}
		checkLargeObject(t, r, joined(answer.Answer[0]))
		checkLargeObject(t, r, joined(s.only(owner+"_json._pdns.local")))
	}
}

// only is the one TXT record that a transfer gives.
func (s *server) only(name string) *dns.TXT {
	s.t.Helper()
	rrs, err := s.transferred(name)
	if err != nil || len(rrs) != 3 {
		s.t.Fatalf("%s: transfer of %d records, %v", name, len(rrs), err)
	}
	return rrs[1].(*dns.TXT)
}

func checkLarge(t *testing.T, r *rrset.RRset, txt *dns.TXT) {
	t.Helper()
	kind := rrset.TypeString(r.Type)
	if !strings.HasPrefix(txt.Txt[0], line(kind, 1, 2)) {
		t.Errorf("%s: begins with %s", kind, txt.Txt[0])
	}
	note := plain(txt.Txt[len(txt.Txt)-1])
	if !strings.HasPrefix(note, "; rdata does not fit: ") {
		t.Errorf("%s: ends with %s", kind, note)
	}
	checkRdata(t, r, strings.Split(plain(strings.Join(txt.Txt[1:len(txt.Txt)-1], "\n")), "\n"), note)
}

func checkLargeObject(t *testing.T, r *rrset.RRset, text string) {
	t.Helper()
	var o struct {
		Name      string   `json:"rrname"`
		Type      string   `json:"rrtype"`
		Bailiwick string   `json:"bailiwick"`
		First     int64    `json:"time_first"`
		Last      int64    `json:"time_last"`
		Count     uint64   `json:"count"`
		Rdata     []string `json:"rdata"`
		Note      string   `json:"note"`
	}
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("%v: %.100s", err, text)
	}
	kind := rrset.TypeString(r.Type)
	if o.Name != rrset.NameString(r.Owner) || o.Type != kind || o.First != r.First || o.Last != r.Last || o.Count != r.Count ||
		(o.Bailiwick == "") != (r.Bailiwick == nil) || !strings.HasPrefix(o.Note, "rdata does not fit: ") {
		t.Errorf("%s: got %.300s", kind, text)
	}
	checkRdata(t, r, o.Rdata, o.Note)
}

// checkRdata wants the first rdata of many, or the beginning of one, and little
// room left.
func checkRdata(t *testing.T, r *rrset.RRset, shown []string, note string) {
	t.Helper()
	kind := rrset.TypeString(r.Type)
	if len(r.Rdata) == 1 {
		text := strings.ReplaceAll(strings.Join(shown, ""), "\n", "")
		whole := rrset.RdataString(r.Type, r.Rdata[0])
		if !strings.HasPrefix(whole, text) || len(text) < 30_000 || !strings.Contains(note, fmt.Sprint(len(whole))) {
			t.Errorf("%s: %d octets of %d, note %s", kind, len(text), len(whole), note)
		}
		return
	}
	for i, text := range shown {
		if text != rrset.RdataString(r.Type, r.Rdata[i]) {
			t.Fatalf("%s: rdata %d is %s", kind, i, text)
		}
	}
	if len(shown) < 3000 || !strings.Contains(note, fmt.Sprintf("%d of %d", len(shown), len(r.Rdata))) {
		t.Errorf("%s: %d of %d rdata, note %s", kind, len(shown), len(r.Rdata), note)
	}
}

// TestLargeEscapes: octets that are written as escapes, in rdata and in names,
// take several times their room, and still nothing is truncated over TCP.
func TestLargeEscapes(t *testing.T) {
	odd := strings.Repeat("\xff", 63)
	name := []byte("\x3f" + odd + "\x3f" + odd + "\x3f" + odd + "\x04wide\x00")
	var rrsets []*rrset.RRset
	for i := range 120 {
		r := &rrset.RRset{Owner: name, Bailiwick: name, Type: dns.TypeTXT, Rdata: [][]byte{[]byte("\xff" + strings.Repeat("\xfe", 254) + string(rune('a'+i%26)))}}
		r.First, r.Last, r.Count = noon(1), noon(1)+int64(i), 1
		rrsets = append(rrsets, r)
	}
	huge := rrsets[0].Clone()
	for i := range 250 {
		huge.Rdata = append(huge.Rdata, []byte("\xff"+strings.Repeat("\xfd", 254)+string([]byte{byte(i)})))
	}
	huge.Rdata, huge.Last = rrset.SortRdata(huge.Rdata), noon(9)
	s := start(t, "_pdns.local:0 {\n pdnsquery "+history(t, append(rrsets, huge)...)+"\n}")
	for _, asked := range []string{"*.wide._pdns.local", "*.wide._json._pdns.local"} {
		for pages := 1; asked != ""; pages++ {
			r := s.ask("tcp", asked, dns.TypeTXT)
			if r.Truncated || len(r.Answer) < 2 || pages > 50 {
				t.Fatalf("%s: %d records, truncated %v", asked, len(r.Answer), r.Truncated)
			}
			asked = nextPage(t, r)
		}
	}
}

// nextPage is the question that an answer's note says to ask, empty if none.
func nextPage(t *testing.T, r *dns.Msg) string {
	t.Helper()
	for _, rr := range r.Answer {
		txt := rr.(*dns.TXT)
		if strings.HasPrefix(txt.Txt[0], "; ") {
			return txt.Txt[1]
		}
		if !strings.HasPrefix(txt.Txt[0], "{") {
			continue
		}
		var o struct{ Next string }
		if err := json.Unmarshal([]byte(joined(rr)), &o); err != nil {
			t.Fatalf("%v: %s", err, joined(rr))
		}
		if o.Next != "" {
			return o.Next
		}
	}
	return ""
}
