package dnsdb

import (
	"math"
	"net/http"
	"strconv"

	"example.org/pdns/plugin/pkg/httpapi/dialect"
)

// What DNSDB says where there is no bound.
const (
	unlimited     = "unlimited"
	notApplicable = "n/a"
)

// setQuota tells in headers what is left of the asker's quota.
func setQuota(x *dialect.Exchange) {
	h := x.W.Header()
	limit, remaining, reset := unlimited, notApplicable, notApplicable
	if s, ok := x.Grant.Standing(x.Now); ok {
		limit, remaining = strconv.FormatUint(s.Limit, 10), strconv.FormatUint(s.Remaining, 10)
		reset = strconv.FormatInt(s.Reset.Unix(), 10)
	}
	h.Set("X-RateLimit-Limit", limit)
	h.Set("X-RateLimit-Remaining", remaining)
	h.Set("X-RateLimit-Reset", reset)
	if !x.Grant.Expires.IsZero() {
		h.Set("X-RateLimit-Expires", strconv.FormatInt(x.Grant.Expires.Unix(), 10))
	}
}

// A rate is what an asker may, in Unix seconds, requests and results. The first
// three are texts where there is no bound; the rest are numbers or not there, since
// clients read nothing else.
type rate struct {
	Reset       any   `json:"reset"`
	Limit       any   `json:"limit"`
	Remaining   any   `json:"remaining"`
	Expires     int64 `json:"expires,omitempty"`
	ResultsMax  int   `json:"results_max,omitempty"`
	OffsetMax   int   `json:"offset_max,omitempty"`
	BurstSize   int   `json:"burst_size,omitempty"`
	BurstWindow int   `json:"burst_window,omitempty"` // seconds in which so many may come
}

func rateLimit(x *dialect.Exchange) error {
	g := x.Grant
	r := rate{Reset: notApplicable, Limit: unlimited, Remaining: notApplicable, ResultsMax: g.Limit, OffsetMax: g.Offset}
	if s, ok := g.Standing(x.Now); ok {
		r.Reset, r.Limit, r.Remaining = s.Reset.Unix(), s.Limit, s.Remaining
	}
	if !g.Expires.IsZero() {
		r.Expires = g.Expires.Unix()
	}
	if g.Rate > 0 {
		r.BurstSize = max(g.Burst, 1)
		r.BurstWindow = int(math.Ceil(float64(r.BurstSize) / g.Rate))
	}
	return x.JSON(http.StatusOK, struct {
		Rate rate `json:"rate"`
	}{r})
}
