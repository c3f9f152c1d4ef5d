package virustotal

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"

	"example.org/pdns/plugin/pkg/cof"
	"example.org/pdns/plugin/pkg/httpapi/dialect"
)

// page answers with a page of a list.
func page(x *dialect.Exchange, l *list) error {
	limit, fault := x.Int("limit", defaultLimit, 1)
	if fault != nil {
		return fault
	}
	if limit > maxLimit {
		return dialect.Bad("limit=%d: want at most %d", limit, maxLimit)
	}
	after, fault := cursor(x)
	if fault != nil {
		return fault
	}
	limit = x.Limit(limit)
	found, err := l.newest(x, after, limit+1)
	if err != nil {
		return err
	}
	next := ""
	if len(found) > limit {
		found = found[:limit]
		next = found[limit-1].cursor()
	}
	return l.give(x, found, limit, next)
}

// give answers with resolutions, and where those behind them are, if there are any.
func (l *list) give(x *dialect.Exchange, found []resolution, limit int, next string) error {
	x.Count(len(found))
	return x.Object(func(dst []byte) []byte {
		dst = append(dst, `{"data":[`...)
		for i, r := range found {
			if i > 0 {
				dst = append(dst, ',')
			}
			host, address := l.pair(r.other)
			dst = appendResolution(dst, x, r.date, host, address)
		}
		return append(appendLinks(append(dst, ']'), x, limit, next), '}')
	})
}

// cursor is the resolution behind which a page begins; nil for the first page.
func cursor(x *dialect.Exchange) (*resolution, *dialect.Fault) {
	s := x.Values.Get("cursor")
	if s == "" {
		return nil, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(s)
	date, other, ok := strings.Cut(string(text), " ")
	n, bad := strconv.ParseInt(date, 10, 64)
	if err != nil || !ok || bad != nil {
		return nil, dialect.Bad("cursor=%s: want meta.cursor of the page before, as it is", dialect.Show(s))
	}
	return &resolution{n, other}, nil
}

func (r resolution) cursor() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(r.date, 10) + " " + r.other))
}

func appendResolution(dst []byte, x *dialect.Exchange, date int64, host, address string) []byte {
	id := address + host
	dst = cof.AppendString(append(dst, `{"type":"resolution","id":`...), id)
	dst = strconv.AppendInt(append(dst, `,"attributes":{"date":`...), date, 10)
	dst = cof.AppendString(append(dst, `,"host_name":`...), host)
	dst = cof.AppendString(append(dst, `,"ip_address":`...), address)
	dst = cof.AppendString(append(dst, `,"resolver":`...), x.Origin)
	dst = append(dst, `,"host_name_last_analysis_stats":{},"ip_address_last_analysis_stats":{}},"links":{"self":`...)
	return append(cof.AppendString(dst, x.Base()+"/api/v3/resolutions/"+url.PathEscape(id)), "}}"...)
}

// appendLinks appends how to get the page again, and the next one.
func appendLinks(dst []byte, x *dialect.Exchange, limit int, next string) []byte {
	dst = append(dst, `,"meta":{`...)
	if next != "" {
		dst = cof.AppendString(append(dst, `"cursor":`...), next)
	}
	dst = cof.AppendString(append(dst, `},"links":{"self":`...), x.Base()+x.Request.URL.RequestURI())
	if next != "" {
		to := x.Base() + x.Request.URL.EscapedPath() + "?limit=" + strconv.Itoa(limit) + "&cursor=" + next
		dst = cof.AppendString(append(dst, `,"next":`...), to)
	}
	return append(dst, '}')
}
