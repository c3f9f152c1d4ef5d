package question

import (
	"fmt"

	"example.org/pdns/plugin/pkg/rrset"
	"example.org/pdns/plugin/pkg/store"
	"example.org/pdns/plugin/pkg/store/disposable"
)

// Among says of a name that it may be one of those of a set that were recorded as
// one, or that names below it may be.
func Among(c *store.CollapsedSet) string {
	who := "may be"
	if c.Place == disposable.Above {
		who = "names below it may be"
	}
	return fmt.Sprintf("%s among about %d names of shape %s below %s seen from %s to %s and recorded as one", who, c.Count,
		c.Shape, rrset.NameString(c.Ancestor()), timeString(c.First), timeString(c.Last))
}
