package clients

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// get asks as a client does, by its header fields, and returns the body.
func (d *desk) get(path string, header ...string) (status int, body string) {
	d.t.Helper()
	r, err := http.NewRequest(http.MethodGet, d.url+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// A saf is a line of DNSDB's streaming answer format.
type saf struct {
	Cond, Msg string
	Obj       json.RawMessage
}

// dnsdbPaths are a lookup, a summary and a search of each kind, in each form.
func dnsdbPaths() (paths []string) {
	subjects := []string{
		"rrset/name/%2A.example.com", "rrset/name/%2A.example.edu/A", "rrset/name/example.com/ANY/com", "rrset/name/./NS",
		"rrset/name/example.com/ANY-DNSSEC", "rrset/raw/03777777076578616d706c6503636f6d00", "rdata/name/ns1.example.com",
		"rdata/name/%2A.example.com", "rdata/ip/192.0.2.0,24", "rdata/ip/2001%3Adb8%3A%3A1", "rdata/raw/c6336407",
	}
	forms := []string{"?aggr=true", "?aggr=f&offset=0", "?humantime=True&limit=10&offset=0", "?limit=1"}
	for _, f := range forms {
		for _, s := range subjects {
			paths = append(paths, "lookup/"+s+f, "summarize/"+s+f)
		}
		for _, kind := range []string{"regex/rrnames/example", "regex/rdata/example/NS", "glob/rrnames/www.%2A", "glob/rdata/%2A.com."} {
			paths = append(paths, kind+f, kind+f+"&verbose=false&exclude=zzz")
		}
	}
	return paths
}

// known are the keys that MISP's module takes; at any other it raises an error. Of
// a summary it reads none.
var known = []string{
	"bailiwick", "count", "raw_rdata", "rdata", "rrname", "rrtype", "time_first", "time_last", "zone_time_first", "zone_time_last",
}

// strangers are the keys of the objects of an answer that MISP does not know, and
// how many objects there are.
func strangers(t *testing.T, body string, alsoKnown ...string) (found []string, objects int) {
	t.Helper()
	for line := range strings.Lines(body) {
		var s saf
		var object map[string]any
		err := json.Unmarshal([]byte(line), &s)
		if err == nil && s.Obj != nil {
			objects++
			err = json.Unmarshal(s.Obj, &object)
		}
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		for key := range object {
			if !slices.Contains(known, key) && !slices.Contains(alsoKnown, key) {
				found = append(found, key)
			}
		}
	}
	return found, objects
}

// TestMISP: objects have the keys of DNSDB's and no others, unless they are asked
// for.
func TestMISP(t *testing.T) {
	d := newDesk(t)
	d.recordWorld()
	d.serve()
	for _, path := range dnsdbPaths() {
		var summary []string
		if strings.HasPrefix(path, "summarize") {
			summary = []string{"num_results"}
		}
		status, body := d.get("/dnsdb/v2/"+path, "X-API-Key", "k", "Accept", "application/x-ndjson")
		found, objects := strangers(t, body, summary...)
		if status != http.StatusOK || len(found) > 0 || objects == 0 {
			t.Errorf("%s: %d, %d objects with the keys %v\n%s", path, status, objects, found, body)
		}
	}
	_, body := d.get("/dnsdb/v2/lookup/rrset/name/%2A.example.com?extra=1")
	if found, _ := strangers(t, body); !slices.Contains(found, "sources") {
		t.Errorf("extra=1 gives no more: %v\n%s", found, body)
	}
}

// TestHumanTime is how MISP's module asks: it shows the times that it is given.
func TestHumanTime(t *testing.T) {
	d := newDesk(t)
	d.recordWorld()
	d.serve()
	_, body := d.get("/dnsdb/v2/lookup/rrset/name/mail.example.com?swclient=dnsdb2python&version=1.1.4&limit=10&offset=0&humantime=True",
		"X-API-Key", "k", "Accept", "application/x-ndjson", "User-Agent", "python-requests/2.31.0", "Accept-Encoding", "identity")
	want := `{"cond":"begin"}
{"obj":{"count":2,"time_first":"2019-08-01T01:00:00Z","time_last":"2019-08-02T01:00:00Z","rrname":"mail.example.com.","rrtype":"A","bailiwick":"example.com.","rdata":["192.0.2.25"]}}
{"cond":"succeeded"}
`
	if body != want {
		t.Errorf("got\n%swant\n%s", body, want)
	}
}

// goRRset is what go-dnsdb decodes an object into.
type goRRset struct {
	RRName     string `json:"rrname"`
	RRType     string `json:"rrtype"`
	RData      any    `json:"rdata"`
	RawRData   string `json:"raw_rdata"`
	Bailiwick  string `json:"bailiwick"`
	Count      int    `json:"count"`
	NumResults int    `json:"num_results"`
	TimeFirst  int64  `json:"time_first"`
	TimeLast   int64  `json:"time_last"`
}

// TestGoDNSDB reads answers as go-dnsdb does: lines by a bufio.Scanner as it comes,
// begin, then objects, then how it ended; rdata is a string or strings.
func TestGoDNSDB(t *testing.T) {
	d := newDesk(t)
	d.recordWorld()
	d.serve()
	for _, path := range dnsdbPaths() {
		if strings.Contains(path, "humantime") {
			continue // it does not ask so
		}
		status, body := d.get("/dnsdb/v2/"+path+"&swclient=go-dnsdb&version=v0.0", "X-API-Key", "k", "Accept", "application/x-ndjson")
		if status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
		readAsGo(t, path, body)
	}
}

func readAsGo(t *testing.T, path, body string) {
	t.Helper()
	lines := bufio.NewScanner(strings.NewReader(body))
	var last saf
	first := true
	for lines.Scan() {
		var s saf
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil || last.Cond != "" && last.Cond != "begin" || first != (s.Cond == "begin") {
			t.Fatalf("%s: line %s behind %+v: %v", path, lines.Text(), last, err)
		}
		first, last = false, s
		if s.Obj == nil {
			continue
		}
		var r goRRset
		if err := json.Unmarshal(s.Obj, &r); err != nil {
			t.Errorf("%s: %s: %v", path, s.Obj, err)
		}
		if _, err := hex.DecodeString(r.RawRData); err != nil {
			t.Errorf("%s: %s: %v", path, s.Obj, err)
		}
		checkRdata(t, path, r.RData)
	}
	if err := lines.Err(); err != nil || last.Cond != "succeeded" && last.Cond != "limited" {
		t.Errorf("%s: ends with %+v, %v", path, last, err)
	}
}

func checkRdata(t *testing.T, path string, rdata any) {
	t.Helper()
	switch v := rdata.(type) {
	case nil, string: // of a summary, and of names
	case []any:
		for _, one := range v {
			if _, ok := one.(string); !ok {
				t.Errorf("%s: rdata %v", path, rdata)
			}
		}
	default:
		t.Errorf("%s: rdata %v", path, rdata)
	}
}

// TestGoDNSDBRate: it decodes what it finds of a key, and fails at anything but
// numbers where there is no bound.
func TestGoDNSDBRate(t *testing.T) {
	d := newDesk(t)
	d.recordWorld()
	bounded := d.addKey("bounded", "--quota", "1000/day", "--rate", "10/s", "--burst", "20", "--limit", "500", "--offset", "3000", "--expires", "2030-01-01")
	free := d.addKey("free")
	d.serve("--keys", "keys")
	for key, want := range map[string]string{
		bounded: `{"rate":{"reset":1568160000,"limit":1000,"remaining":1000,"expires":1893456000,"results_max":500,"offset_max":3000,"burst_size":20,"burst_window":2}}`,
		free:    `{"rate":{"reset":"n/a","limit":"unlimited","remaining":"n/a","results_max":1000000}}`,
	} {
		status, body := d.get("/dnsdb/v2/rate_limit?swclient=go-dnsdb&version=v0.0", "X-API-Key", key, "Accept", "application/x-ndjson")
		if status != http.StatusOK || body != want+"\n" {
			t.Errorf("%s: %d\n%swant\n%s", key, status, body, want)
		}
	}
	if status, body := d.get("/dnsdb/v2/ping"); status != http.StatusOK || body != `{"ping":"ok"}`+"\n" {
		t.Errorf("ping: %d %s", status, body)
	}
}

// TestSpiderFoot: sfp_dnsdb throws the first and the last line away; two lines are
// none, and fewer are an error. It reads rdata of an rrset letter by letter if it is
// no array.
func TestSpiderFoot(t *testing.T) {
	d := newDesk(t)
	d.recordWorld()
	d.serve()
	for path, want := range map[string]int{
		"rrset/name/www.example.com": 3, "rdata/name/www.example.com": 2, "rdata/ip/192.0.2.1": 1, "rdata/ip/2001:db8::1": 1,
		"rrset/name/nowhere.example.com": 0, "rdata/ip/192.0.2.200": 0,
	} {
		status, body := d.get("/dnsdb/v2/lookup/"+path, "Accept", "application/x-ndjson", "X-API-Key", "k", "User-Agent", "SpiderFoot")
		lines := strings.Split(strings.TrimSpace(body), "\n")
		if status != http.StatusOK || len(lines) != want+2 {
			t.Fatalf("%s: %d, %d lines, want %d between the first and the last", path, status, len(lines), want)
		}
		for _, line := range lines[1 : len(lines)-1] {
			var record struct {
				Obj struct {
					RRType, RRName string
					Rdata          any
					TimeLast       *int64 `json:"time_last"`
				}
			}
			err := json.Unmarshal([]byte(line), &record)
			_, many := record.Obj.Rdata.([]any)
			if err != nil || record.Obj.TimeLast == nil || many != strings.HasPrefix(path, "rrset") {
				t.Errorf("%s: %s: %v", path, line, err)
			}
		}
	}
}

// TestTrailingSlash is how IntelOwl asks where no type is wanted; it keeps how the
// last line says that the answer ended.
func TestTrailingSlash(t *testing.T) {
	d := newDesk(t)
	d.recordWorld()
	d.serve()
	for path, want := range map[string]string{
		"lookup/rrset/name/www.example.com/": "succeeded", "lookup/rrset/name/www.example.com/?limit=1": "limited",
		"lookup/rdata/name/www.example.com/": "succeeded", "lookup/rdata/ip/192.0.2.0,24/?limit=2": "limited",
	} {
		status, body := d.get("/dnsdb/v2/"+path, "X-API-Key", "k", "Accept", "application/x-ndjson")
		lines := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
		var last saf
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || status != http.StatusOK || len(lines) < 3 || last.Cond != want {
			t.Errorf("%s: %d, %s, %v, want %s", path, status, body, err, want)
		}
	}
}

// TestFlexFeedsDnsdbq: what dnsdbflex -F finds are lines for dnsdbq -f.
func TestFlexFeedsDnsdbq(t *testing.T) {
	d := newDesk(t)
	d.recordWorld()
	d.serve()
	_, body := d.get("/dnsdb/v2/regex/rrnames/%5E%28www%7Cmail%29%5C.example/A?swclient=dnsdbflex&version=1.0.7&exclude=org%5C.%24",
		"X-API-Key", "k", "Accept", "application/x-ndjson")
	var batch strings.Builder
	for line := range strings.Lines(body) {
		var s saf
		var r goRRset
		err := json.Unmarshal([]byte(line), &s)
		if err == nil && s.Obj != nil {
			err = json.Unmarshal(s.Obj, &r)
			batch.WriteString("rrset/name/" + r.RRName + "/" + r.RRType + "\n")
		}
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	if want := "rrset/name/mail.example.com./A\nrrset/name/www.example.com./A\n"; batch.String() != want {
		t.Fatalf("lines are\n%swant\n%s", batch.String(), want)
	}
	out := d.dnsdbq("-j -f <<.\n" + batch.String() + ".\n")
	if got := strings.Count(out, `"rrtype":"A"`); got != 3 {
		t.Errorf("%d RRsets, want 3\n%s", got, out)
	}
}
