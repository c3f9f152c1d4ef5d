package drawing_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"example.org/pdns/plugin/pkg/analysis"
	"example.org/pdns/plugin/pkg/analysis/drawing"
)

// properties are what STIX 2.1 says of the objects that a map has: those that must be
// there, and those that may. The OASIS validator is a program of Python that no
// registry of this project's has; these are its rules from the specification's text.
var properties = map[string]struct{ required, optional []string }{
	"domain-name":   {[]string{"type", "id", "value"}, []string{"spec_version"}},                                                                             // 6.4
	"ipv4-addr":     {[]string{"type", "id", "value"}, []string{"spec_version"}},                                                                             // 6.9
	"ipv6-addr":     {[]string{"type", "id", "value"}, []string{"spec_version"}},                                                                             // 6.10
	"identity":      {append(common, "name"), []string{"identity_class", "description"}},                                                                     // 4.5
	"grouping":      {append(common, "context", "object_refs"), []string{"name", "description", "created_by_ref"}},                                           // 4.4
	"note":          {append(common, "content", "object_refs"), []string{"abstract", "created_by_ref"}},                                                      // 4.13
	"observed-data": {append(common, "first_observed", "last_observed", "number_observed", "object_refs"), []string{"created_by_ref"}},                       // 4.14
	"relationship":  {append(common, "relationship_type", "source_ref", "target_ref"), []string{"description", "start_time", "stop_time", "created_by_ref"}}, // 5.1
}

var (
	common     = []string{"type", "spec_version", "id", "created", "modified"} // 3.2
	identifier = regexp.MustCompile(`^([a-z0-9-]+)--[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	timestamp  = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)
	hostname   = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
)

type object = map[string]any

// checkBundle checks a bundle against the specification and returns its objects.
func checkBundle(t *testing.T, text string) []object {
	t.Helper()
	var b struct {
		Type    string   `json:"type"`
		ID      string   `json:"id"`
		Objects []object `json:"objects"`
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil || b.Type != "bundle" || !strings.HasPrefix(b.ID, "bundle--") || !identifier.MatchString(b.ID) || len(b.Objects) == 0 {
		t.Fatalf("%v: %.500s", err, text)
	}
	types := map[string]string{} // by id
	for _, o := range b.Objects {
		id := fmt.Sprint(o["id"])
		if types[id] != "" {
			t.Errorf("%s is there twice", id)
		}
		types[id] = fmt.Sprint(o["type"])
	}
	for _, o := range b.Objects {
		checkObject(t, o, types)
	}
	return b.Objects
}

func checkObject(t *testing.T, o object, types map[string]string) {
	t.Helper()
	bad := func(format string, args ...any) { t.Errorf("%v: %s", o, fmt.Sprintf(format, args...)) }
	p, ok := properties[fmt.Sprint(o["type"])]
	if !ok {
		bad("no type of this project's")
		return
	}
	for _, name := range p.required {
		if o[name] == nil {
			bad("no %s", name)
		}
	}
	for name, v := range o {
		if !slices.Contains(p.required, name) && !slices.Contains(p.optional, name) {
			bad("%s does not belong there", name)
		}
		switch {
		case strings.HasSuffix(name, "_refs"):
			refs, _ := v.([]any)
			if len(refs) == 0 {
				bad("%s is empty", name)
			}
			for _, r := range refs {
				if types[fmt.Sprint(r)] == "" {
					bad("%s leads to %v, which is not there", name, r)
				}
			}
		case strings.HasSuffix(name, "_ref"):
			if types[fmt.Sprint(v)] == "" {
				bad("%s leads nowhere", name)
			}
		case slices.Contains([]string{"created", "modified", "first_observed", "last_observed", "start_time", "stop_time"}, name):
			if _, err := time.Parse(time.RFC3339, fmt.Sprint(v)); err != nil || !timestamp.MatchString(fmt.Sprint(v)) {
				bad("%s is no timestamp", name)
			}
		}
	}
	if m := identifier.FindStringSubmatch(fmt.Sprint(o["id"])); m == nil || m[1] != o["type"] || o["spec_version"] != "2.1" {
		bad("id or version")
	}
	checkType(o, types, bad)
}

// checkType checks what is particular to a type.
func checkType(o object, types map[string]string, bad func(string, ...any)) {
	value := fmt.Sprint(o["value"])
	a, err := netip.ParseAddr(strings.SplitN(value, "/", 2)[0])
	switch o["type"] {
	case "domain-name":
		if !hostname.MatchString(value) || len(value) > 253 {
			bad("no domain name")
		}
	case "ipv4-addr":
		if err != nil || !a.Is4() {
			bad("no IPv4 address: %v", err)
		}
	case "ipv6-addr":
		if err != nil || !a.Is6() {
			bad("no IPv6 address: %v", err)
		}
	case "observed-data":
		if n, ok := o["number_observed"].(float64); !ok || n != math.Trunc(n) || n < 1 || n > 999_999_999 {
			bad("number_observed")
		}
		if fmt.Sprint(o["last_observed"]) < fmt.Sprint(o["first_observed"]) {
			bad("last before first")
		}
		for _, r := range o["object_refs"].([]any) {
			if !slices.Contains([]string{"domain-name", "ipv4-addr", "ipv6-addr", "relationship"}, types[fmt.Sprint(r)]) {
				bad("holds %v", r)
			}
		}
	case "relationship":
		from, to := types[fmt.Sprint(o["source_ref"])], types[fmt.Sprint(o["target_ref"])]
		if o["relationship_type"] == "resolves-to" {
			if from != "domain-name" || !slices.Contains([]string{"domain-name", "ipv4-addr", "ipv6-addr"}, to) {
				bad("%s cannot resolve to %s", from, to)
			}
		} else if o["relationship_type"] != "related-to" || o["description"] == nil {
			bad("relationship")
		}
		if o["stop_time"] != nil && fmt.Sprint(o["stop_time"]) <= fmt.Sprint(o["start_time"]) {
			bad("stops before it starts")
		}
	}
	if o["value"] != nil {
		space := uuid.MustParse("00abedb4-aa42-466c-9c01-fed23315a9b7")
		if want := uuid.NewSHA1(space, []byte(`{"value":"`+value+`"}`)).String(); !strings.HasSuffix(fmt.Sprint(o["id"]), want) {
			bad("id, want %s", want)
		}
	}
}

func stix(t *testing.T, g *analysis.Graph, o drawing.Options) (string, []object) {
	t.Helper()
	var b strings.Builder
	if err := drawing.STIX(&b, g, o); err != nil {
		t.Fatal(err)
	}
	return b.String(), checkBundle(t, b.String())
}

// TestSTIX: bundles are what the specification says, whatever is in the map.
func TestSTIX(t *testing.T) {
	for name, g := range map[string]*analysis.Graph{
		"nothing": {}, "shared": small, "hostile": star(len(hostile), func(i int) string { return hostile[i] }), "many": star(2000, numbered),
		"unseen": {Seeds: []string{"a.test."}, Nodes: []analysis.Node{{ID: "a.test.", Type: "name", State: analysis.Unseen, Score: 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			o := drawing.Options{Made: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
			first, _ := stix(t, g, o)
			if second, _ := stix(t, g, o); second != first {
				t.Error("comes out in another way the second time")
			}
			later := o
			later.Made = o.Made.Add(time.Hour)
			if second, _ := stix(t, g, later); second == first {
				t.Error("another export has the ids of the first")
			}
		})
	}
}

// TestSTIXIDs: observables have the ids that the specification's own examples have (Errata 01).
func TestSTIXIDs(t *testing.T) {
	g := &analysis.Graph{Nodes: []analysis.Node{{ID: "198.51.100.3", Type: "address"}, {ID: "example.com.", Type: "name"}}}
	text, _ := stix(t, g, drawing.Options{})
	for _, id := range []string{"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4", "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7"} {
		if !strings.Contains(text, id) {
			t.Errorf("no %s in %s", id, text)
		}
	}
}

// TestSTIXNothingLost: what STIX has no object or number for is told.
func TestSTIXNothingLost(t *testing.T) {
	seen := analysis.Seen{First: 1564653600, Last: 1564653600, Count: math.MaxUint64}
	g := &analysis.Graph{
		Seeds: []string{"a.test."}, Depth: 2,
		Nodes: []analysis.Node{
			{ID: "a.test.", Type: "name", State: analysis.Expanded, Score: 1, Seen: seen},
			{ID: "_sip.a.test.", Type: "name", Depth: 1, State: analysis.Frontier, Score: 0.25, Seen: seen},
			{ID: "ns.test.", Type: "name", Depth: 1, State: analysis.Shared, Score: 0.1, Seen: seen, Domains: 2001, More: true, Range: "a hoster"},
			{ID: "2001:db8::1", Type: "address", Depth: 1, State: analysis.Frontier, Score: 0.5, Seen: seen},
			{ID: "2001:db8::/48", Type: "network", Depth: 2, State: analysis.Frontier, Score: 0.5, Seen: seen},
		},
		Edges: []analysis.Edge{
			{From: "a.test.", To: "2001:db8::1", Kind: analysis.HasAddress, Seen: seen},
			{From: "a.test.", To: "ns.test.", Kind: analysis.HasServer, Seen: seen},
			{From: "_sip.a.test.", To: "a.test.", Kind: analysis.InDomain, Seen: seen},
			{From: "2001:db8::1", To: "2001:db8::/48", Kind: analysis.InNetwork, Seen: seen},
		},
		Shared: []string{"ns.test."}, Cut: []analysis.Cut{{At: "nodes", Limit: 5, Nodes: 1, IDs: []string{"ns.test."}}}, Incomplete: "run 7 is damaged",
	}
	text, objects := stix(t, g, drawing.Options{Question: "pdns map a.test"})
	count := map[string]int{}
	for _, o := range objects {
		count[fmt.Sprint(o["type"])]++
		if o["relationship_type"] == "resolves-to" && o["stop_time"] != nil {
			t.Error("what was seen once has a stop_time")
		}
	}
	if got := fmt.Sprint(count); got != "map[domain-name:2 grouping:1 identity:1 ipv6-addr:2 note:4 observed-data:3 relationship:3]" {
		t.Error(got)
	}
	for _, want := range []string{
		`1 node without an object, whose names are no domain names of RFC 1034 and RFC 5890: _sip.a.test.`, `_sip.a.test.,a.test.,domain,`,
		`ns.test. serves more than 2,001 registered domains, lies in a hoster`, `3 edges seen more often than number_observed can say`,
		`with neighbours for which the map has no room`, `run 7 is damaged`, `Asked as: pdns map a.test`, `_sip.a.test.,name,1,frontier,0.250,`, `"description":"had the name server"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	if strings.Contains(text, `"indicator"`) {
		t.Error("an indicator claims malice")
	}
}

// TestSTIXNames: which names are objects.
func TestSTIXNames(t *testing.T) {
	for name, want := range map[string]bool{
		"example.com.": true, "a-b.example.": true, "r3---sn-abc.example.": true, "xn--bcher-kva.example.": true, "1.example.": true,
		".": false, "_dmarc.example.": false, "-a.example.": false, "a-.example.": false, "*.example.": false, `a\032b.example.`: false,
		"xn--a.example.": false, "a..example.": false, strings.Repeat("a", 64) + ".example.": false, `x","id":"y.example.`: false,
	} {
		text, _ := stix(t, &analysis.Graph{Nodes: []analysis.Node{{ID: name, Type: "name"}}}, drawing.Options{})
		if got := strings.Contains(text, `"type":"domain-name"`); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
