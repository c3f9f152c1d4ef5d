package httpapi

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A packer is a writer of a compressed answer. With no encoding it passes all on.
type packer struct {
	http.ResponseWriter
	encoding string
	out      interface {
		io.WriteCloser
		Flush() error
	} // nil until the first octet
}

// compress returns a writer of the encoding that a client likes best of those
// that are spoken: zstd, gzip, or none. Close it.
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
	case status < 200 || status == http.StatusNoContent || status == http.StatusNotModified:
		p.encoding = ""
	case p.encoding != "":
		h.Set("Content-Encoding", p.encoding)
		h.Del("Content-Length")
	}
	p.ResponseWriter.WriteHeader(status)
	p.begin()
}

func (p *packer) begin() {
	switch p.encoding {
	case "gzip":
		w, _ := gzip.NewWriterLevel(p.ResponseWriter, gzip.BestSpeed) // the level is a constant
		p.out = w
	case "zstd":
		w, _ := zstd.NewWriter(p.ResponseWriter, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
			zstd.WithWindowSize(512<<10)) // the options are constants
		p.out = w
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
	return p.out.Close()
}
