package analysis_test

import (
	"encoding/json"
	"testing"

	"example.org/pdns/plugin/pkg/analysis"
)

func TestCompare(t *testing.T) {
	h := saw(t, lure+`
08-06 08-10 1 later.example A 192.0.2.2
08-01 08-10 1 lure.example MX 10 mail.example
`)
	at := func(d string, bounds analysis.Bounds) *analysis.Graph {
		g, err := analysis.Map(t.Context(), h, analysis.MapQuery{Seeds: keys(t, "lure.example"), Depth: 2, Bounds: bounds,
			Kinds:  []analysis.Kind{analysis.HasAddress, analysis.HasMail},
			Window: analysis.Window{Since: day(t, d), Until: day(t, d)}})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	c := analysis.Compare(at("08-04", analysis.Bounds{}), at("08-08", analysis.Bounds{}))
	var ids struct{ Appeared, Vanished []string }
	for _, n := range c.Appeared {
		ids.Appeared = append(ids.Appeared, n.ID)
	}
	for _, n := range c.Vanished {
		ids.Vanished = append(ids.Vanished, n.ID)
	}
	equalJSON(t, ids, `{"Appeared":["192.0.2.2","later.example."],"Vanished":["192.0.2.1","other.example."]}`)
	equalJSON(t, c.Moved, `[{"id":"lure.example.","kind":"address","from":["192.0.2.1"],"to":["192.0.2.2"]}]`)
	equalJSON(t, len(c.EdgesAppeared)*10+len(c.EdgesVanished), "22")
	equalJSON(t, c.Partial, `{"first":false,"second":false}`)

	c = analysis.Compare(at("08-04", analysis.Bounds{}), at("08-08", analysis.Bounds{Domains: 1}))
	equalJSON(t, c.Partial, `{"first":false,"second":false}`) // 192.0.2.2 is in one map alone
	c = analysis.Compare(at("08-08", analysis.Bounds{}), at("08-08", analysis.Bounds{Domains: 1}))
	equalJSON(t, c.Partial, `{"first":false,"second":true}`)
	c = analysis.Compare(at("08-08", analysis.Bounds{Nodes: 2}), at("08-08", analysis.Bounds{}))
	equalJSON(t, c.Partial, `{"first":true,"second":false}`)
	c = analysis.Compare(at("05-08", analysis.Bounds{}), at("05-09", analysis.Bounds{}))
	equalJSON(t, c, `{"appeared":[],"vanished":[],"edges_appeared":[],"edges_vanished":[],"moved":[],"partial":{"first":false,"second":false}}`)
}

func equalJSON(t *testing.T, v any, want string) {
	t.Helper()
	got, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestGraphJSON pins the keys.
func TestGraphJSON(t *testing.T) {
	h := saw(t, `
08-01 08-05 4 lure.example A 192.0.2.1
08-03 08-04 1 other.example A 192.0.2.1
`)
	g, err := analysis.Map(t.Context(), h, analysis.MapQuery{Seeds: keys(t, "lure.example"), Bounds: analysis.Bounds{Domains: 1, RRsets: 3}})
	if err != nil {
		t.Fatal(err)
	}
	equalJSON(t, g, `{"seeds":["lure.example."],"kinds":["address","ns","mx","cname","https","domain"],"depth":4,"nodes":[`+
		`{"id":"lure.example.","type":"name","domain":"lure.example.","depth":0,"state":"expanded","score":1,"time_first":1564617600,"time_last":1564963200,"count":4},`+
		`{"id":"192.0.2.1","type":"address","depth":1,"state":"left","score":1,"via":["lure.example."],"time_first":1564617600,"time_last":1564963200,"count":4}],`+
		`"edges":[{"from":"lure.example.","to":"192.0.2.1","kind":"address","time_first":1564617600,"time_last":1564963200,"count":4}],`+
		`"shared":[],"cut":[{"at":"rrsets","limit":3,"nodes":1,"ids":["192.0.2.1"]}],"rrsets_read":3}`)
}
