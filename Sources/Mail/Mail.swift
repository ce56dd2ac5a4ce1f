// Where a message goes, and how it leaves.
