package run

import "fmt"

// A LeadingCursor walks, in order, the groups of records that may have owners with
// some hashes of leading labels. Most of what it gives has not: whoever searches
// compares.
type LeadingCursor struct {
	*RecordCursor
	index  blocks
	block  leadingBlock
	lo, hi uint32 // hashes of such owners

	segment uint32   // the one to look at next
	groups  []uint32 // first ordinals of those that may hold such owners
	left    int      // records of the group being read
}

// Leading returns a cursor before the first record that may have an owner with a
// hash from lo to hi; see record.LeadingHashes.
func (r *Run) Leading(lo, hi uint32) *LeadingCursor {
	return &LeadingCursor{RecordCursor: r.Records(), index: blocks{run: r, bucket: bucketLeading}, lo: lo, hi: hi}
}

// Close ends the cursor.
func (c *LeadingCursor) Close() {
	c.index.close()
	c.RecordCursor.Close()
}

// Next moves to the next such record. It is false at the end and after an error.
func (c *LeadingCursor) Next() bool {
	if c.left == 0 && !c.nextGroup() {
		return false
	}
	c.left--
	return c.RecordCursor.Next()
}

// nextGroup moves before the first record of the next group.
func (c *LeadingCursor) nextGroup() bool {
	for len(c.groups) == 0 {
		if uint64(c.segment)<<segmentBits >= c.index.run.info.Records || c.err != nil {
			return false
		}
		if err := c.find(); err != nil {
			return c.fail(err)
		}
		c.segment++
	}
	first := c.groups[0]
	c.groups = c.groups[1:]
	c.left = 1 << groupBits
	if !c.To(first) {
		return false
	}
	c.pending = true
	return true
}

// find collects the groups of a segment. Runs of format 1 have another index,
// which nobody reads: all their groups may hold such owners.
func (c *LeadingCursor) find() error {
	var may [1 << (segmentBits - groupBits)]bool
	if c.index.run.format == 1 {
		for i := range may {
			may[i] = true
		}
	} else if err := c.mark(&may); err != nil {
		return err
	}
	c.groups = c.groups[:0]
	for i, yes := range may {
		if first := c.segment<<segmentBits | uint32(i)<<groupBits; yes && uint64(first) < c.index.run.info.Records {
			c.groups = append(c.groups, first)
		}
	}
	return nil
}

// mark marks the groups of a segment that the index leads to.
func (c *LeadingCursor) mark(may *[1 << (segmentBits - groupBits)]bool) error {
	payload, err := c.index.seek(leadingKey(c.segment, c.lo))
	for ; err == nil && payload != nil; payload, err = c.index.next() {
		if err := c.block.open(payload); err != nil {
			return fmt.Errorf("%s: %s: %w", c.index.run.path, bucketLeading, err)
		}
		if c.block.segment > c.segment {
			return nil
		}
		for _, e := range c.block.entries {
			switch hash := e >> 8; {
			case c.block.segment < c.segment || hash < c.lo:
			case hash > c.hi:
				return nil
			default:
				may[byte(e)] = true
			}
		}
	}
	return err
}
