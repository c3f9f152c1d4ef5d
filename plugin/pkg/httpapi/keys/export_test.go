package keys

import (
	"runtime"
	"time"
)

// OpenTicking is Open that looks at the file at each tick.
func OpenTicking(path string, terms Terms, complain func(error), tick <-chan time.Time) (*File, error) {
	return open(path, terms, complain, tick)
}

// Look looks at a file that has no ticks.
func (f *File) Look() { f.reread() }

// MostChecks is how many checks run and wait at most.
func MostChecks() int { return int(newGate().most) }

// Hold lets no check begin while during runs.
func (f *File) Hold(during func()) {
	for range cap(f.gate.slots) {
		f.gate.slots <- struct{}{}
	}
	during()
	for range cap(f.gate.slots) {
		<-f.gate.slots
	}
}

// AwaitChecks returns once n checks run and wait.
func (f *File) AwaitChecks(n int32) {
	for f.gate.in.Load() < n {
		runtime.Gosched()
	}
}
