package dnsdb

import (
	"encoding/hex"
	"strconv"
	"time"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/flex"
	"example.org/pdns/plugin/pkg/rrset"
)

// A form is how objects are written.
type form struct {
	human bool // times in RFC 3339 instead of Unix seconds
	extra bool // the keys that DNSDB has not
	brief bool // of flexible search: without figures
}

// appendFigures appends count, time_first and time_last.
func (f form) appendFigures(dst []byte, g *rrset.Figures) []byte {
	dst = append(dst, `"count":`...)
	dst = strconv.AppendUint(dst, g.Count, 10)
	return f.appendTimes(append(dst, ','), g)
}

func (f form) appendTimes(dst []byte, g *rrset.Figures) []byte {
	dst = append(dst, `"time_first":`...)
	dst = f.appendTime(dst, g.First)
	dst = append(dst, `,"time_last":`...)
	return f.appendTime(dst, g.Last)
}

func (f form) appendTime(dst []byte, unix int64) []byte {
	if !f.human {
		return strconv.AppendInt(dst, unix, 10)
	}
	dst = time.Unix(unix, 0).UTC().AppendFormat(append(dst, '"'), time.RFC3339)
	return append(dst, '"')
}

// appendSet appends the object of an RRset.
func (f form) appendSet(dst []byte, r *rrset.RRset) []byte {
	dst = f.appendFigures(append(dst, '{'), &r.Figures)
	dst = cof.AppendSet(append(dst, ','), r)
	return f.appendEnd(dst, r.Figures)
}

// appendRecord appends the object of an RRset that is one record.
func (f form) appendRecord(dst []byte, r *rrset.RRset) []byte {
	dst = f.appendFigures(append(dst, '{'), &r.Figures)
	dst = append(dst, `,"rrname":`...)
	dst = cof.AppendName(dst, r.Owner)
	dst = append(dst, `,"rrtype":`...)
	dst = cof.AppendString(dst, rrset.TypeString(r.Type))
	dst = append(dst, `,"rdata":`...)
	dst = cof.AppendRdata(dst, r.Type, r.Rdata[0])
	g := r.Figures
	g.Marks &^= rrset.BailiwickKnown // of which there is none
	return f.appendEnd(dst, g)
}

func (f form) appendEnd(dst []byte, g rrset.Figures) []byte {
	if f.extra {
		dst = cof.AppendExtras(dst, &g)
	}
	return append(dst, '}')
}

// appendResult appends the object of a result of flexible search.
func (f form) appendResult(dst []byte, r *flex.Result) []byte {
	if r.Name != nil {
		dst = append(dst, `{"rrname":`...)
		dst = cof.AppendName(dst, r.Name)
	} else {
		dst = append(dst, `{"rdata":`...)
		dst = cof.AppendRdata(dst, r.Type, r.Rdata)
		dst = append(dst, `,"raw_rdata":"`...)
		at := len(dst)
		dst = hex.AppendEncode(dst, r.Rdata)
		upper(dst[at:])
		dst = append(dst, '"')
	}
	dst = append(dst, `,"rrtype":`...)
	dst = cof.AppendString(dst, rrset.TypeString(r.Type))
	if !f.brief {
		dst = f.appendFigures(append(dst, ','), &r.Figures)
	}
	return append(dst, '}')
}

func upper(hexadecimal []byte) {
	for i, c := range hexadecimal {
		if c >= 'a' {
			hexadecimal[i] = c - 'a' + 'A'
		}
	}
}

// A summary is the figures of all results together.
type summary struct {
	results int
	rrset.Figures
}

func (s *summary) add(g *rrset.Figures) {
	if s.results++; s.results == 1 {
		s.Figures = *g
		return
	}
	s.Figures.Add(g)
}

func (f form) appendSummary(dst []byte, s *summary) []byte {
	dst = append(dst, `{"count":`...)
	dst = strconv.AppendUint(dst, s.Count, 10)
	dst = append(dst, `,"num_results":`...)
	dst = strconv.AppendInt(dst, int64(s.results), 10)
	if s.results > 0 {
		dst = f.appendTimes(append(dst, ','), &s.Figures)
	}
	return append(dst, '}')
}
