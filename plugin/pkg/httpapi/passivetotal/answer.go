package passivetotal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"time"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/flex"
	"example.org/pdns/plugin/pkg/httpapi/ask"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
	"example.org/pdns/plugin/pkg/question"
	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
)

// head is an answer up to its results.
func head(x *dialect.Exchange, addresses bool) string {
	kind := "domain"
	if addresses {
		kind = "ip"
	}
	dst := cof.AppendText([]byte(`{"queryValue":`), x.Values.Get("query"))
	return string(dst) + `,"queryType":"` + kind + `","pager":{},"results":[`
}

// appendEnd appends the end of an answer.
func appendEnd(dst []byte, limited bool) []byte {
	if limited {
		dst = append(dst, `,"limited":true`...)
	}
	return append(dst, "}\n"...)
}

// passive answers with single records.
func passive(x *dialect.Exchange) error {
	v, q, err := read(x)
	if err != nil {
		return err
	}
	a := x.Array(head(x, v.Addresses()))
	w := writer{asked: x.Values.Get("query"), addresses: v.Addresses()}
	o := x.FindRecords(&v, q, x.Limit(0), func(r *rrset.RRset) error {
		w.take(r)
		return a.Add(w.append)
	})
	return a.End(o.Err, func(dst []byte) []byte {
		dst = strconv.AppendInt(append(dst, `],"totalRecords":`...), int64(o.Given), 10)
		dst = appendTime(append(dst, `,"firstSeen":`...), w.first)
		dst = appendTime(append(dst, `,"lastSeen":`...), w.last)
		return appendEnd(dst, o.More)
	})
}

// A writer writes records as results, and knows when they all were seen.
type writer struct {
	asked     string
	addresses bool // are what was asked about
	record    *rrset.RRset
	value     []byte
	first     int64
	last      int64
}

func (w *writer) take(r *rrset.RRset) {
	if w.record == nil || r.First < w.first {
		w.first = r.First
	}
	w.last = max(w.last, r.Last)
	w.record = r
}

// append appends a result. Where addresses were asked about, the names that had
// them are what they resolve to.
func (w *writer) append(dst []byte) []byte {
	r := w.record
	dst = appendTime(append(dst, `{"lastSeen":`...), r.Last)
	dst = append(dst, `,"resolve":`...)
	from := len(dst)
	kind := dialect.Host
	if w.addresses {
		dst = dialect.AppendHost(dst, r.Owner)
		w.value = dialect.AppendAddress(w.value[:0], r, w.asked)
	} else {
		dst, kind = dialect.AppendTarget(dst, r.Type, r.Rdata[0])
		w.value = dialect.AppendHost(w.value[:0], r.Owner)
	}
	rtype := rrset.TypeString(r.Type)
	sum := sha256.Sum256(bytes.Join([][]byte{w.value, []byte(rtype), dst[from:]}, []byte{0}))
	dst = appendTime(append(dst, `,"firstSeen":`...), r.First)
	dst = append(append(append(dst, `,"resolveType":"`...), kindNames[kind]...), `","value":`...)
	dst = append(append(append(dst, w.value...), `,"recordType":"`...), rtype...)
	dst = hex.AppendEncode(append(dst, `","recordHash":"`...), sum[:])
	dst = appendTime(append(dst, `","collected":`...), r.Last)
	return append(dst, `,"source":["pdns"]}`...)
}

var kindNames = map[dialect.Kind]string{dialect.Address: "ip", dialect.Host: "domain", dialect.Text: "text"}

// appendTime appends a Unix time as text; zero as null.
func appendTime(dst []byte, at int64) []byte {
	if at == 0 {
		return append(dst, "null"...)
	}
	return time.Unix(at, 0).UTC().AppendFormat(dst, `"2006-01-02 15:04:05"`)
}

// Bounds of the different results that are held.
const (
	maxUnique      = 100_000
	maxUniqueBytes = 16 << 20
)

// unique answers with what records lead to, each once, and how often it was seen.
func unique(x *dialect.Exchange) error {
	v, q, err := read(x)
	if err != nil {
		return err
	}
	seen, order, o := uniqueOf(x, &v, q)
	if o.Err != nil {
		return o.Err
	}
	a := x.Array(head(x, v.Addresses()))
	for _, text := range order {
		if err := a.Add(func(dst []byte) []byte { return append(dst, text...) }); err != nil {
			return err
		}
	}
	a.Then(`],"total":` + strconv.Itoa(len(order)) + `,"frequency":[`)
	for _, text := range order {
		if err := a.Append(func(dst []byte) []byte {
			dst = append(append(append(dst, '['), text...), ',')
			return append(strconv.AppendUint(dst, seen[text], 10), ']')
		}); err != nil {
			return err
		}
	}
	return a.End(nil, func(dst []byte) []byte { return appendEnd(append(dst, ']'), o.More) })
}

// uniqueOf finds what records lead to, as JSON strings in the order in which they
// were found, and how often each was seen.
func uniqueOf(x *dialect.Exchange, v *question.Value, q store.Query) (seen map[string]uint64, order []string, o ask.Outcome) {
	seen = map[string]uint64{}
	most, held := x.Limit(maxUnique), 0
	var buf []byte
	o = x.FindRecords(v, q, 0, func(r *rrset.RRset) error {
		if v.Addresses() {
			buf = dialect.AppendHost(buf[:0], r.Owner)
		} else {
			buf, _ = dialect.AppendTarget(buf[:0], r.Type, r.Rdata[0])
		}
		if _, ok := seen[string(buf)]; !ok {
			if len(order) == most || held > maxUniqueBytes {
				return dialect.ErrEnough
			}
			held += len(buf)
			order = append(order, string(buf))
		}
		seen[string(buf)] += r.Count
		return nil
	})
	return seen, order, o
}

// keyword answers with names that contain a text.
func keyword(x *dialect.Exchange) error {
	text := x.Values.Get("query")
	search, err := flex.Compile(flex.Regex, flex.Names, regexp.QuoteMeta(text), "", nil)
	if err != nil {
		return dialect.Bad("query: %v", err)
	}
	dst := cof.AppendText([]byte(`{"queryValue":`), text)
	a := x.Array(string(dst) + `,"results":[`)
	given, limit, limited := 0, x.Limit(0), false
	var name []byte
	o := search.Run(x.Find, store.Query{}, 0, 0, func(r flex.Result) error {
		if bytes.Equal(r.Name, name) {
			return nil
		}
		if limited = limit > 0 && given == limit; limited {
			return dialect.ErrEnough
		}
		given++
		name = append(name[:0], r.Name...)
		return a.Add(func(dst []byte) []byte {
			dst = append(dst, `{"matchType":"domain","fieldMatch":"domain","focusPoint":`...)
			return append(dialect.AppendHost(dst, name), '}')
		})
	})
	if limited {
		o.Err = nil
	}
	return a.End(o.Err, func(dst []byte) []byte { return appendEnd(append(dst, ']'), limited) })
}
