"""Worker processes for picture and sound: the plane's protocol over a wire (docs/media.md §2.10).

`plane.WorkersPlane` is the `MediaPlane` of the main process: it starts the processes, keeps a room
with one of them, and brings it to another when that one dies. `remote` is one process as the main
process sees it, `worker` what runs inside, `wire` and `codec` what lies between.
"""
