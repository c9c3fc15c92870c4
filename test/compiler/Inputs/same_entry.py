"""Prints a dump of stage code in which the second object has the entry of the first."""
import re
import sys

text = open(sys.argv[1]).read()
entry = re.compile(r'(heddle\.object @\S+ target "[^"]+" entry )("[^"]+")')
first = entry.search(text)
position = first.end()
print(text[:position] + entry.sub(lambda match: match.group(1) + first.group(2), text[position:], count=1))
