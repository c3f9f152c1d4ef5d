package httpapi

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strconv"
	"time"

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

// A Record is a request that is over. It has neither what was asked nor by whom.
type Record struct {
	Dialect string
	Status  int // 0: cut before anything was sent
	Cut     bool
	Results int
	Bytes   int64
	Took    time.Duration
}

// secret makes hashes of one run of the program of no use to another.
var secret = func() (b [32]byte) {
	rand.Read(b[:]) // it does not fail
	return b
}()

// record tells the log and the metrics about a request. Nothing of the client is
// in it but the name of its key.
func (h *handler) record(d *dialect.Dialect, x *dialect.Exchange, w *counter, took time.Duration, cut bool) {
	rec := Record{Dialect: d.Name, Status: w.status, Cut: cut, Results: x.Results(), Bytes: w.bytes, Took: took}
	if rec.Status == 0 && !cut { // an answer of nothing, which nobody wrote
		rec.Status = http.StatusOK
	}
	if h.config.Seen != nil {
		h.config.Seen(rec)
	}
	if h.config.Log == nil || h.config.Audit == AuditOff {
		return
	}
	asked := x.Request.URL.RequestURI()
	if h.config.Audit == AuditHashed {
		sum := hmac.New(sha256.New, secret[:])
		sum.Write([]byte(asked))
		asked = fmt.Sprintf("%x", sum.Sum(nil)[:8])
	}
	name := x.Grant.Name
	if name == "" {
		name = "-"
	}
	end := ""
	if cut {
		end = " cut"
	}
	h.config.Log(fmt.Sprintf("%s %s %s %d %d results %s%s", name, d.Name, strconv.QuoteToASCII(asked), rec.Status, rec.Results,
		took.Round(time.Microsecond), end))
}
