package main

import (
	"time"

	"github.com/dustin/go-humanize"
	"github.com/schollz/progressbar/v3"
)

// between is the time between lines of progress where there is no terminal.
const between = 10 * time.Second

// A progress is told on standard error: as a bar on a terminal, else as a line
// now and then.
type progress struct {
	p     *program
	what  string
	bytes bool // what is counted: bytes, or things
	bar   *progressbar.ProgressBar
	begun time.Time
	next  time.Time // of the next line
}

func (p *program) progress(what string, bytes bool) *progress {
	now := time.Now()
	g := &progress{p: p, what: what, bytes: bytes, begun: now, next: now.Add(between)}
	if p.errTerminal && !p.quiet {
		g.bar = progressbar.NewOptions64(-1,
			progressbar.OptionSetWriter(p.err),
			progressbar.OptionSetDescription(what),
			progressbar.OptionShowBytes(bytes),
			progressbar.OptionUseIECUnits(true),
			progressbar.OptionShowCount(),
			progressbar.OptionSetWidth(20),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetSpinnerChangeInterval(0), // else it draws by itself, also where it was cleared
			progressbar.OptionClearOnFinish(),
		)
		p.setBar(g)
	}
	return g
}

// report tells how far it is; a total of 0 is not known. It is the form in which
// the store reports.
func (g *progress) report(done, total uint64) {
	switch {
	case g.bar != nil:
		if total > 0 {
			done = min(done, total-1) // the bar ends with done, not by itself
			g.bar.ChangeMax64(int64(total))
		}
		g.bar.Set64(int64(done))
	case !g.p.quiet && time.Now().After(g.next):
		g.next = time.Now().Add(between)
		g.line(done, total)
	}
}

func (g *progress) line(done, total uint64) {
	took := time.Since(g.begun)
	rate := g.amount(uint64(float64(done)/took.Seconds())) + "/s"
	if total == 0 || done == 0 {
		g.p.say("%s: %s, %s", g.what, g.amount(done), rate)
		return
	}
	left := time.Duration(float64(took) / float64(done) * float64(total-min(done, total)))
	g.p.say("%s: %d%% of %s, %s, %v left", g.what, done*100/total, g.amount(total), rate, left.Round(time.Second))
}

func (g *progress) amount(n uint64) string {
	if g.bytes {
		return humanize.IBytes(n)
	}
	return humanize.Comma(int64(n))
}

// done takes the bar off the terminal, for good.
func (g *progress) done() {
	if g.bar != nil {
		g.bar.Exit()
	}
	g.p.clearBar()
	g.p.setBar(nil)
}

func (p *program) setBar(g *progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bar = g
}

// clearBar makes room for a line.
func (p *program) clearBar() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.bar.bar.Clear()
	}
}
