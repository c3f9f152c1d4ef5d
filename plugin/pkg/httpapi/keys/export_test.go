package keys

import "time"

// OpenTicking is Open that looks at the file at each tick.
func OpenTicking(path string, terms Terms, complain func(error), tick <-chan time.Time) (*File, error) {
	return open(path, terms, complain, tick)
}

// Look looks at a file that has no ticks.
func (f *File) Look() { f.reread() }

// MostOfName is how many checks of a name run and wait at most.
const MostOfName = mostOfName

// Hold lets no check begin while during runs.
func (f *File) Hold(during func()) {
	for range cap(f.gate) {
		f.gate <- struct{}{}
	}
	during()
	for range cap(f.gate) {
		<-f.gate
	}
}
