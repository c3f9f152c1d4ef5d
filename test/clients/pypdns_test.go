package clients

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pages asks as PyPDNS does with paginate: again and again, until no cursor comes
// back.
func (d *desk) pages(value string, count int, rrtype string) (owners []string, pages int) {
	d.t.Helper()
	for cursor := "0"; cursor != ""; pages++ {
		r, err := http.NewRequest(http.MethodGet, d.url+"/pdns/query/"+value, nil)
		if err != nil {
			d.t.Fatal(err)
		}
		r.SetBasicAuth("analyst", "any")
		r.Header.Set("User-Agent", "PyPDNS / 2.3.2")
		r.Header.Set("dribble-paginate-count", strconv.Itoa(count))
		r.Header.Set("dribble-disable-active-query", "1")
		if pages > 0 {
			r.Header.Set("dribble-paginate-cursor", cursor)
		}
		if rrtype != "" {
			r.Header.Set("dribble-filter-rrtype", rrtype)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			d.t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK || pages > 10 {
			d.t.Fatalf("page %d: %s %s: %v", pages, res.Status, body, err)
		}
		owners = append(owners, readPage(d.t, string(body))...)
		cursor = res.Header.Get("x-dribble-cursor")
		if n, err := strconv.Atoi(cursor); cursor != "" && (err != nil || n <= 0) {
			d.t.Fatalf("cursor %q", cursor)
		}
	}
	return owners, pages
}

// readPage reads objects as PyPDNS, and MISP's module, do: times are numbers, type is
// a name, and count and origin are in all of them.
func readPage(t testing.TB, body string) (owners []string) {
	t.Helper()
	for line := range strings.Lines(body) {
		var o struct {
			RRName, RRType, Origin string
			Count                  *int
			TimeFirst              *int64 `json:"time_first"`
			TimeLast               *int64 `json:"time_last"`
		}
		if err := json.Unmarshal([]byte(line), &o); err != nil || o.Count == nil || o.TimeFirst == nil || o.TimeLast == nil || o.Origin == "" {
			t.Fatalf("%s: %v", line, err)
		}
		owners = append(owners, o.RRName+" "+o.RRType)
	}
	return owners
}

// TestPyPDNS: all pages together are the answer that comes without pages.
func TestPyPDNS(t *testing.T) {
	d := newDesk(t)
	d.recordWorld()
	d.serve("--origin", "https://pdns.example/")
	for _, value := range []string{"www.example.com", "*.example.edu", "192.0.2.0/24", "nowhere.example.com"} {
		_, body := d.get("/pdns/query/" + value)
		want := readPage(t, body)
		for _, count := range []int{1, 2, 50} {
			got, pages := d.pages(value, count, "")
			if most := max(1, (len(want)+count-1)/count); !slices.Equal(got, want) || pages > most+1 {
				t.Errorf("%s by %d: %d pages with %v, want %v", value, count, pages, got, want)
			}
		}
	}
	for rrtype, want := range map[string]int{"A": 2, "PTR": 1, "MX": 0} {
		if got, _ := d.pages("www.example.com", 50, rrtype); len(got) != want {
			t.Errorf("of type %s: %v, want %d", rrtype, fmt.Sprint(got), want)
		}
	}
}
