package drawing

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"example.org/pdns/plugin/pkg/analysis"
)

// STIX writes a map as a bundle of STIX 2.1. Names and addresses are domain-name,
// ipv4-addr and ipv6-addr, networks addresses in CIDR notation, each with the
// deterministic id of section 2.9, so that they are the same objects whoever exports
// them. An edge is a relationship, resolves-to where the specification has that between
// the two (section 6.4), else related-to with the kind as its description; and
// observed-data that says when and how often it was seen. A grouping holds it all. No
// object claims malice: there is no indicator.
//
// What STIX has no place for is in notes: what was asked and cut, shared infrastructure,
// all figures of the nodes as CSV, and names that are none for RFC 1034 and RFC 5890,
// such as those with an underscore, with their edges.
func STIX(w io.Writer, g *analysis.Graph, o Options) error {
	o.SVGOptions = o.SVGOptions.withDefaults(g)
	b := &bundle{g: g, o: o, made: made(g, o)}
	b.build()
	// The head of a bundle has an id by all that is in it, and a grouping names it all: so
	// everything is made twice, and kept never.
	b.out = bufio.NewWriter(w) // its errors come again at the flush
	fmt.Fprintf(b.out, `{"type":"bundle","id":"%s","objects":[`, ownID("bundle", b.ids...))
	b.build()
	b.out.WriteString("\n]}\n")
	if b.err != nil {
		return b.err
	}
	return b.out.Flush()
}

// made is when the objects are said to be made; without a time, when the last of it
// was seen.
func made(g *analysis.Graph, o Options) time.Time {
	if !o.Made.IsZero() {
		return o.Made
	}
	last := int64(0)
	for i := range g.Nodes {
		last = max(last, g.Nodes[i].Last)
	}
	return time.Unix(last, 0)
}

// A bundle is one that is being made.
type bundle struct {
	g       *analysis.Graph
	o       Options
	made    time.Time
	ids     []string          // of all objects, in their order
	out     *bufio.Writer     // nil while the ids are collected
	err     error             // of an object that could not be written
	added   int               // objects so far
	refs    map[string]string // ids of STIX by those of nodes
	without []analysis.Edge   // edges with an end that is no object
	capped  int               // edges seen more often than STIX can say
}

// build makes all objects.
func (b *bundle) build() {
	b.added, b.refs, b.without, b.capped = 0, make(map[string]string, len(b.g.Nodes)), nil, 0
	b.observables()
	b.edges()
	b.context()
}

// add adds an object and returns its id.
func (b *bundle) add(o stixObject) string {
	if b.out == nil {
		b.ids = append(b.ids, o.ID)
	} else if b.err == nil {
		b.err = o.write(b.out, b.added == 0)
	}
	b.added++
	return o.ID
}

// observables adds the nodes.
func (b *bundle) observables() {
	for i := range b.g.Nodes {
		n := &b.g.Nodes[i]
		if o, ok := observable(n); ok && b.refs[n.ID] == "" {
			b.refs[n.ID] = b.add(o)
		}
	}
}

// mostObserved is what number_observed may be at most (section 4.14).
const mostObserved = 999_999_999

// edges adds what is between the nodes.
func (b *bundle) edges() {
	for _, e := range b.g.Edges {
		from, to := b.refs[e.From], b.refs[e.To]
		if from == "" || to == "" {
			b.without = append(b.without, e)
			continue
		}
		relation := b.sdo("relationship", from, to, string(e.Kind), stamp(e.First), stamp(e.Last))
		relation.Relationship, relation.Source, relation.Target = "resolves-to", from, to
		if e.Kind != analysis.HasAddress && e.Kind != analysis.IsAlias {
			relation.Relationship, relation.Description = "related-to", kindWords[e.Kind]
		}
		if relation.Start = stamp(e.First); e.Last > e.First { // section 5.1: stop_time is later than start_time
			relation.Stop = stamp(e.Last)
		}
		data := b.sdo("observed-data", from, to, string(e.Kind), stamp(e.First), stamp(e.Last), fmt.Sprint(e.Count))
		data.First, data.Last, data.Number = stamp(e.First), stamp(e.Last), min(max(e.Count, 1), mostObserved)
		data.Refs = []string{from, to, b.add(relation)}
		b.add(data)
		if e.Count > mostObserved {
			b.capped++
		}
	}
}

// context adds who made it, and what was asked, found and left out.
func (b *bundle) context() {
	about := []string{producerID}
	if b.added > 0 {
		refs := b.ids[:b.added]
		group := b.sdo("grouping", slices.Concat(refs, []string{b.o.Title, b.question()})...)
		group.Name, group.Context, group.Description, group.Refs = legible(b.o.Title), "unspecified", legible(b.question()), refs
		about = []string{b.add(group)}
	}
	b.note("What was asked, and what is missing", b.question()+"\n"+strings.Join(b.missing(), "\n"), about)
	var shared []string
	var text strings.Builder
	for i := range b.g.Nodes {
		if n := &b.g.Nodes[i]; n.State == analysis.Shared {
			text.WriteString(sharedLine(n))
			if ref := b.refs[n.ID]; ref != "" {
				shared = append(shared, ref)
			}
		}
	}
	if text.Len() > 0 {
		b.note("Shared infrastructure, which says little about the names that it serves, and was not followed", text.String(), append(shared, about...))
	}
	b.note("All nodes of the map, as CSV", nodeTable(b.g), about)
	if len(b.without) > 0 {
		b.note("Edges of names that STIX cannot hold, as CSV", edgeTable(b.without), about)
	}
	b.add(producer)
}

// sharedLine is what a note says of a shared node.
func sharedLine(n *analysis.Node) string {
	text := n.ID
	if serves := Serves(n); serves != "" {
		text += " serves " + strings.Replace(serves, "domain", "registered domain", 1)
	}
	if n.Range != "" {
		text += ", lies in " + n.Range
	}
	return text + "\n"
}

func (b *bundle) note(abstract, content string, about []string) {
	n := b.sdo("note", append([]string{abstract, content}, about...)...)
	n.Abstract, n.Content, n.Refs = abstract, legible(strings.TrimSpace(content)), about
	b.add(n)
}

// question is what was asked, a line each.
func (b *bundle) question() string {
	var lines []string
	for _, f := range asked(b.g, b.o) {
		lines = append(lines, f.Name+": "+f.Value)
	}
	return strings.Join(lines, "\n")
}

// missing is what the map and the bundle have not.
func (b *bundle) missing() []string {
	lines := Missing(b.g)
	if none := len(b.g.Nodes) - len(b.refs); none > 0 {
		var ids []string
		for i := range b.g.Nodes {
			if n := &b.g.Nodes[i]; b.refs[n.ID] == "" {
				ids = append(ids, n.ID)
			}
		}
		lines = append(lines, plural(none, "node")+" without an object, whose names are no domain names of RFC 1034 and RFC 5890: "+strings.Join(ids, ", "))
	}
	if b.capped > 0 {
		lines = append(lines, plural(b.capped, "edge")+fmt.Sprintf(" seen more often than number_observed can say: %s stands for more", comma(mostObserved)))
	}
	if len(lines) == 0 {
		return []string{"Nothing is missing."}
	}
	return lines
}
