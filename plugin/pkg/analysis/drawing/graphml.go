package drawing

import (
	"encoding/xml"
	"fmt"
	"io"

	"example.org/pdns/plugin/pkg/analysis"
)

// A graphML is a document of GraphML.
type graphML struct {
	XMLName xml.Name `xml:"http://graphml.graphdrawing.org/xmlns graphml"`
	Keys    []key    `xml:"key"`
	Graph   struct {
		EdgeDefault string    `xml:"edgedefault,attr"`
		Nodes       []element `xml:"node"`
		Edges       []element `xml:"edge"`
	} `xml:"graph"`
}

// A key declares an attribute of nodes or edges.
type key struct {
	ID   string `xml:"id,attr"`
	For  string `xml:"for,attr"`
	Name string `xml:"attr.name,attr"`
	Type string `xml:"attr.type,attr"`
}

// An element is a node, which has an id, or an edge.
type element struct {
	ID     string  `xml:"id,attr,omitempty"`
	Source string  `xml:"source,attr,omitempty"`
	Target string  `xml:"target,attr,omitempty"`
	Data   []datum `xml:"data"`
}

type datum struct {
	Key   string `xml:"key,attr"`
	Value string `xml:",chardata"`
}

// graphMLKeys are those of nodes, then those of edges, in the order of their data.
var graphMLKeys = []key{
	{"type", "node", "type", "string"},
	{"domain", "node", "domain", "string"},
	{"depth", "node", "depth", "int"},
	{"state", "node", "state", "string"},
	{"score", "node", "score", "double"},
	{"names", "node", "names", "int"},
	{"domains", "node", "domains", "int"},
	{"first", "node", "time_first", "string"},
	{"last", "node", "time_last", "string"},
	{"count", "node", "count", "string"}, // up to 2^64-1, more than GraphML's long
	{"kind", "edge", "kind", "string"},
	{"edge_first", "edge", "time_first", "string"},
	{"edge_last", "edge", "time_last", "string"},
	{"edge_count", "edge", "count", "string"},
}

const graphMLNodeKeys = 10

func writeGraphML(w io.Writer, g *analysis.Graph) error {
	doc := graphML{Keys: graphMLKeys}
	doc.Graph.EdgeDefault = "directed"
	for i := range g.Nodes {
		n := &g.Nodes[i]
		doc.Graph.Nodes = append(doc.Graph.Nodes, element{ID: n.ID, Data: data(graphMLKeys[:graphMLNodeKeys],
			n.Type, n.Domain, n.Depth, n.State, n.Score, n.Names, n.Domains, stamp(n.First), stamp(n.Last), n.Count)})
	}
	for _, e := range g.Edges {
		doc.Graph.Edges = append(doc.Graph.Edges, element{Source: e.From, Target: e.To,
			Data: data(graphMLKeys[graphMLNodeKeys:], e.Kind, stamp(e.First), stamp(e.Last), e.Count)})
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	out := xml.NewEncoder(w)
	out.Indent("", "  ")
	if err := out.Encode(&doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// data puts values beside their keys.
func data(keys []key, values ...any) []datum {
	out := make([]datum, len(values))
	for i, v := range values {
		out[i] = datum{keys[i].ID, fmt.Sprint(v)}
	}
	return out
}
