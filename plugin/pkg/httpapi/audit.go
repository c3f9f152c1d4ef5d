package httpapi

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"example.org/pdns/plugin/pkg/httpapi/dialect"
)

// Audit is what the log tells of each request.
type Audit int

// AuditPlain tells what was asked, AuditHashed only whether the same was asked
// before while the program ran, AuditOff nothing.
const (
	AuditPlain Audit = iota
	AuditHashed
	AuditOff
)

// ParseAudit reads plain, hashed or off.
func ParseAudit(s string) (Audit, error) {
	for a, name := range []string{"plain", "hashed", "off"} {
		if s == name {
			return Audit(a), nil
		}
	}
	return 0, fmt.Errorf("audit %s: want plain, hashed or off", dialect.Show(s))
}

// maxAsked is how many octets of what was asked are told.
const maxAsked = 300

// A Record is a request that is over. It has neither what was asked nor by whom.
type Record struct {
	Dialect string
	Status  int // 0: cut before anything was sent
	Cut     bool
	Results int
	Bytes   int64
	Took    time.Duration
	Follows bool // it went on for as long as the client liked: Took is no time of an answer
}

// secret makes hashes of one run of the program of no use to another.
var secret = func() (b [32]byte) {
	rand.Read(b[:]) // it does not fail
	return b
}()

// record tells the log and the metrics about a request. Nothing of the client is
// in it but the name of its key.
func (h *handler) record(d *dialect.Dialect, x *dialect.Exchange, w *counter, took time.Duration, cut bool) {
	rec := Record{Dialect: d.Name, Status: w.status, Cut: cut, Results: x.Results(), Bytes: w.bytes, Took: took, Follows: x.Follows}
	if rec.Status == 0 && !cut { // an answer of nothing, which nobody wrote
		rec.Status = http.StatusOK
	}
	if h.config.Seen != nil {
		h.config.Seen(rec)
	}
	if h.config.Log == nil || h.config.Audit == AuditOff {
		return
	}
	untold, tell := uint64(0), true
	if rec.Status == http.StatusUnauthorized || rec.Status == http.StatusForbidden {
		untold, tell = h.strangers.tell(time.Now())
	}
	if untold > 0 {
		h.config.Log(fmt.Sprintf("%d refusals for want of a key were not told", untold))
	}
	if tell {
		h.config.Log(h.line(x, &rec))
	}
}

// line is what the log tells of a request.
func (h *handler) line(x *dialect.Exchange, rec *Record) string {
	asked := x.Request.URL.RequestURI()
	if h.config.Audit == AuditHashed {
		sum := hmac.New(sha256.New, secret[:])
		sum.Write([]byte(asked))
		asked = fmt.Sprintf("%x", sum.Sum(nil)[:8])
	}
	more := ""
	if len(asked) > maxAsked {
		asked, more = asked[:maxAsked], "..."
	}
	name := x.Grant.Name
	if name == "" {
		name = "-"
	}
	end := ""
	if rec.Cut {
		end = " cut"
	}
	return fmt.Sprintf("%s %s %s%s %d %d results %s%s", name, rec.Dialect, strconv.QuoteToASCII(asked), more, rec.Status, rec.Results,
		rec.Took.Round(time.Microsecond), end)
}

// strangers are those without a key that fits. They cannot flood the log.
type strangers struct {
	limiter *rate.Limiter
	untold  atomic.Uint64
}

// tell reports whether to tell of another refusal, and how many were not told before
// it.
func (s *strangers) tell(now time.Time) (untold uint64, ok bool) {
	if !s.limiter.AllowN(now, 1) {
		s.untold.Add(1)
		return 0, false
	}
	return s.untold.Swap(0), true
}
