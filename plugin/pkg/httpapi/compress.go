package httpapi

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A packer is a writer of a compressed answer. With no encoding it passes all on.
type packer struct {
	http.ResponseWriter
	encoding string
	out      encoder // nil until the first octet
}

// An encoder compresses. It may be used again.
type encoder interface {
	io.WriteCloser
	Flush() error
	Reset(w io.Writer)
}

// encoders are those that rest, by encoding: each takes a megabyte or so. Their
// options are constants, so no making of one fails.
var encoders = map[string]*sync.Pool{
	"gzip": {New: func() any {
		w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		return w
	}},
	"zstd": {New: func() any {
		w, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(512<<10))
		return w
	}},
}

// compress returns a writer of the encoding that a client likes best of those
// that are spoken: zstd, gzip, or none. Close it, but where the answer is to be cut.
func compress(w http.ResponseWriter, r *http.Request) *packer {
	w.Header().Add("Vary", "Accept-Encoding")
	return &packer{ResponseWriter: w, encoding: preferred(r.Header.Values("Accept-Encoding"))}
}

// preferred is the encoding with the highest weight (RFC 9110, section 12.5.3);
// of equals zstd goes first. It is empty for none.
func preferred(accept []string) (best string) {
	weights := map[string]float64{}
	for _, item := range strings.Split(strings.Join(accept, ","), ",") {
		name, param, _ := strings.Cut(item, ";")
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.ReplaceAll(param, " ", ""), "q="); ok {
			var err error
			if weight, err = strconv.ParseFloat(q, 64); err != nil {
				weight = 0
			}
		}
		weights[strings.ToLower(strings.TrimSpace(name))] = weight
	}
	most := weights["identity"] // 0 where it is not named: anything named is liked better
	for _, name := range []string{"gzip", "zstd"} {
		weight, named := weights[name]
		if !named {
			weight = weights["*"]
		}
		if weight > 0 && weight >= most {
			best, most = name, weight
		}
	}
	return best
}

func (p *packer) WriteHeader(status int) {
	switch h := p.Header(); {
	case status < 200 || status >= 400 || small(h) || status == http.StatusNoContent || status == http.StatusNotModified:
		p.encoding = ""
	case p.encoding != "":
		h.Set("Content-Encoding", p.encoding)
		h.Del("Content-Length")
	}
	p.ResponseWriter.WriteHeader(status)
	p.begin()
}

// small reports whether an answer is known to be of too few octets to compress.
func small(h http.Header) bool {
	n, err := strconv.Atoi(h.Get("Content-Length"))
	return err == nil && n < 1<<10
}

func (p *packer) begin() {
	if pool := encoders[p.encoding]; pool != nil && p.out == nil {
		p.out = pool.Get().(encoder)
		p.out.Reset(p.ResponseWriter)
	}
}

func (p *packer) Write(b []byte) (int, error) {
	if p.out == nil && p.encoding != "" {
		p.WriteHeader(http.StatusOK)
	}
	if p.out == nil {
		return p.ResponseWriter.Write(b)
	}
	return p.out.Write(b)
}

// FlushError sends what was written; http.ResponseController calls it.
func (p *packer) FlushError() error {
	if p.out != nil {
		if err := p.out.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(p.ResponseWriter).Flush()
}

// Unwrap is for http.ResponseController.
func (p *packer) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// Close ends the compression.
func (p *packer) Close() error {
	if p.out == nil {
		return nil
	}
	err := p.out.Close()
	p.out.Reset(nil) // it holds on to nothing of this answer
	encoders[p.encoding].Put(p.out)
	p.out = nil
	return err
}
