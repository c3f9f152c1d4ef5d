package own

import "time"

// SetPace sets how often followers are told something, and returns what undoes it.
func SetPace(looks, beats time.Duration) (undo func()) {
	p, b := poll, beat
	poll, beat = looks, beats
	return func() { poll, beat = p, b }
}

// MostOfOne is how many may follow by one key.
const MostOfOne = mostOfOne
